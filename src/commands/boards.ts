import { BOARDS } from "../boards/index.js";
import { boardsText } from "../report/boards.js";
import { examples } from "./options.js";
import type { AddCommand } from "./types.js";

export const addBoards: AddCommand = (program, _io, run) => {
  program
    .command("boards")
    .summary("list the boards that `tritc new` makes projects for")
    .description("Lists the boards of `tritc new`, with their cameras and memories.")
    .addHelpText("after", examples(["tritc boards", "tritc boards --json"]))
    .action(() =>
      run(async () => {
        const report = { boards: BOARDS };
        return { text: boardsText(report), json: report, remarks: [] };
      }),
    );
};
