import { type DoctorReport, doctorText } from "../report/doctor.js";
import { TARGETS } from "../targets/index.js";
import { PIO } from "../targets/tools.js";
import { isReady, probeTool, probeTools } from "../verify/index.js";
import { examples } from "./options.js";
import type { AddCommand, Io, Outcome } from "./types.js";

export const addDoctor: AddCommand = (program, io, run) => {
  program
    .command("doctor")
    .summary("show which compilers and emulators are here, and how to get the others")
    .description(
      "Looks for the programs that `tritc verify` builds and runs C with, and for PlatformIO, and says " +
        "how to get those that are missing. `inspect`, `compile` and `simulate` need none.",
    )
    .addHelpText("after", examples(["tritc doctor", "TRITC_CC=clang tritc doctor"]))
    .action(() => run(() => doctor(io)));
};

async function doctor(io: Io): Promise<Outcome> {
  const [verifying, pio] = await Promise.all([probeTools(io.env), probeTool(PIO, io.env)]);
  const tools = [...verifying, pio];
  const blocked = TARGETS.filter((target) => !isReady(target, tools));
  const report: DoctorReport = {
    tools,
    targets: {
      ready: TARGETS.filter((target) => !blocked.includes(target)).map((target) => target.id),
      blocked: blocked.map((target) => target.id),
    },
  };
  return { text: doctorText(report), json: report, remarks: [] };
}
