import type { Target } from "../targets/index.js";
import { left, table } from "./table.js";

/** What `targets --json` prints, besides the fields that all commands have. */
export interface TargetsReport {
  readonly targets: readonly Target[];
}

export function targetsText({ targets }: TargetsReport): string {
  const rows = targets.map((target) => [target.id, target.description, machineText(target)]);
  return table([left("target"), left("what"), left("verified on")], rows);
}

function machineText({ machine }: Target): string {
  return machine.kind === "host" ? "this computer" : `QEMU ${machine.name}`;
}
