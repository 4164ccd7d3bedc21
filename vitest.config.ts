import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["{src,ipvs,checkers,test}/**/*.test.ts"] } });
