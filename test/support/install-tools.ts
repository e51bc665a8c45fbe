import { spawnSync } from "node:child_process";

/**
 * Before all tests: installs the compilers and emulators that are missing where that needs no
 * question, and otherwise names them (scripts/setup.sh). Their tests are then skipped, or in CI fail.
 */
export default function installTools(): void {
  const { status, error } = spawnSync("sh", ["scripts/setup.sh"], { stdio: "inherit" });
  const noShell = error !== undefined;
  if (!noShell && status !== 0) throw new Error("programs that the tests use are missing");
}
