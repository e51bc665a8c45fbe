import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/install-tools.ts",
    // Some tests compile C and run emulators.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
