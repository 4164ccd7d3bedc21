export * from "./check.ts";
export * from "./engine.ts";
export * from "./health.ts";
export * from "./verdict.ts";
