export { FakeKernel, type FakeKernelOptions, type InjectedError } from "./fake-kernel.ts";
