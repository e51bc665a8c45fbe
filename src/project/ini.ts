import type { Board } from "../boards/index.js";
import { qemuCommand } from "./emulated.js";
import type { Application, ProjectParts } from "./types.js";

type Options = Readonly<Record<string, string | readonly string[]>>;

/**
 * platformio.ini: an environment for the board and one for this computer. Values are literal in each,
 * since PlatformIO resolves few references between them.
 */
export function platformioIni({ board, app, compiled }: ProjectParts): string {
  const { name, provenance } = compiled;
  return [
    `; ${name} on ${board.name}. Made by tritc ${provenance.version}; yours to edit.`,
    section("platformio", { default_envs: board.id }),
    section(`env:${board.id}`, boardOptions(board, app)),
    section("env:native", { platform: "native", test_framework: "custom" }),
    "",
  ].join("\n");
}

function section(title: string, options: Options): string {
  const lines = Object.entries(options).map(([key, value]) =>
    typeof value === "string"
      ? `${key} = ${value}`
      : [`${key} =`, ...value.map((line) => `  ${line}`)].join("\n"),
  );
  return `\n[${title}]\n${lines.join("\n")}`;
}

function boardOptions(board: Board, app: Application): Options {
  const { platform, flash, ram } = board;
  const limits = {
    "board_upload.maximum_size": `${flash.limit}`,
    "board_upload.maximum_ram_size": `${ram.limit}`,
  };
  switch (platform.kind) {
    case "arduino": {
      const { build_flags: flags, ...others } = board.options;
      return {
        platform: `${platform.name}@${platform.version}`,
        board: board.id,
        framework: "arduino",
        ...limits,
        ...others,
        build_flags: [...(flags === undefined ? [] : [flags]), ...lightFlags(board)],
        ...(libraries(board, app).length > 0 ? { lib_deps: libraries(board, app) } : {}),
        monitor_speed: "115200",
        test_framework: "custom",
        test_speed: "115200",
      };
    }
    case "emulated":
      return {
        platform: "symlink://platforms/tritc_qemu",
        board: board.id,
        ...limits,
        ...(app.kind !== "bench" ? { upload_port: `tcp:127.0.0.1:${EMULATED_PORT}` } : {}),
        test_framework: "custom",
        test_testing_command: qemuCommand(board),
      };
    default:
      return platform satisfies never;
  }
}

function libraries({ camera }: Board, app: Application): readonly string[] {
  return app.kind === "camera" ? (camera?.libraries ?? []) : [];
}

/** Where tritc finds an emulated board that waits for what it is sent. */
export const EMULATED_PORT = 5555;

/** Only where the Arduino core's own LED_BUILTIN is not it. */
function lightFlags({ led }: Board): string[] {
  if (led === null) return [];
  return [
    ...(led.pin === "LED_BUILTIN" ? [] : [`-D TRITC_LIGHT_PIN=${led.pin}`]),
    ...(led.activeLow ? ["-D TRITC_LIGHT_ON=LOW"] : []),
  ];
}
