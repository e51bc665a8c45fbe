import { targetsText } from "../report/targets.js";
import { TARGETS } from "../targets/index.js";
import { examples } from "./options.js";
import type { AddCommand } from "./types.js";

export const addTargets: AddCommand = (program, _io, run) => {
  program
    .command("targets")
    .summary("list the cores that tritc makes and verifies C for")
    .description("Lists the targets of `compile` and `verify`, and what each is verified on.")
    .addHelpText("after", examples(["tritc targets", "tritc targets --json"]))
    .action(() =>
      run(async () => {
        const report = { targets: TARGETS };
        return { text: targetsText(report), json: report, remarks: [] };
      }),
    );
};
