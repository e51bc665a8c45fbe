import { BOARDS, type Board } from "../boards/index.js";
import { fail } from "../diagnostics.js";
import * as say from "./diagnostics.js";

/** An environment of a project's platformio.ini. */
export interface PioEnvironment {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/** What `pio project config --json-output` says, as far as it matters here. */
export interface PioConfig {
  readonly defaults: readonly string[];
  readonly environments: readonly PioEnvironment[];
}

/** Reads that output; null where it is something else. */
export function parsePioConfig(text: string): PioConfig | null {
  const sections = parseSections(text);
  if (sections === null) return null;
  const options = (name: string) => sections.find(([section]) => section === name)?.[1] ?? [];
  const defaults = options("platformio").find(([key]) => key === "default_envs")?.[1];
  return {
    defaults: Array.isArray(defaults) ? defaults.map(String) : [],
    environments: sections
      .filter(([section]) => section.startsWith("env:"))
      .map(([section, pairs]) => ({
        name: section.slice("env:".length),
        options: Object.fromEntries(pairs.map(([key, value]) => [key, String(value)])),
      })),
  };
}

type Section = readonly [name: string, options: readonly (readonly [string, unknown])[]];

function parseSections(text: string): Section[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isSection) ? value : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function isSection(value: unknown): value is Section {
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Array.isArray(value[1]))
    return false;
  return value[1].every((pair) => Array.isArray(pair) && typeof pair[0] === "string");
}

/**
 * The environment of that name; or the project's default one, or its only one for a board.
 * Throws `usage/unknown-environment` or `usage/which-environment`.
 */
export function chooseEnvironment(
  { defaults, environments }: PioConfig,
  wanted: string | undefined,
): PioEnvironment {
  const names = environments.map(({ name }) => name);
  if (wanted !== undefined) {
    const found = environments.find(({ name }) => name === wanted);
    return found ?? fail(say.unknownEnvironment(wanted, names));
  }
  const candidates = environments.filter(({ name, options }) =>
    defaults.length > 0 ? defaults.includes(name) : options.board !== undefined,
  );
  const [only, ...others] = candidates;
  if (only === undefined || others.length > 0) {
    return fail(say.whichEnvironment(candidates.length > 0 ? candidates.map(nameOf) : names));
  }
  return only;
}

function nameOf({ name }: PioEnvironment): string {
  return name;
}

/** Platforms that upload over a serial port, which PlatformIO does not choose among several. */
const SERIAL_PLATFORMS = ["espressif32", "espressif8266", "nordicnrf52"];

/** Whether somebody has to say, or find out, at which port the board is. */
export function needsPort({ options }: PioEnvironment): boolean {
  const { platform = "", upload_port: port, upload_protocol: protocol } = options;
  const name = platform.replace(/^.*\//, "").replace(/@.*$/, "");
  return port === undefined && protocol === undefined && SERIAL_PLATFORMS.includes(name);
}

/** The row of an environment's board, where it is one of tritc's table. */
export function boardOf({ options }: PioEnvironment): Board | null {
  return BOARDS.find(({ id }) => id === options.board) ?? null;
}
