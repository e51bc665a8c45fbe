import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assetText } from "../assets.js";
import type { FileMap } from "../emit/index.js";
import { render } from "../emit/templates.js";
import { networkHash, serializeNetwork } from "../network/serialize.js";
import type { Network } from "../network/types.js";
import { type Tool, toolOf } from "../targets/tools.js";
import { VERSION } from "../version.js";
import { compilerFlags, harnessFiles } from "./build.js";
import type { Configuration } from "./configurations.js";
import { qemuArguments } from "./run.js";
import { subjectOf } from "./subject.js";
import { encodeTensor } from "./tensors.js";
import type { Vectors } from "./types.js";
import { ELEMENT_SIZE, littleEndian, supportFiles } from "./workspace.js";

/** What goes into a bundle. */
export interface BundleParts {
  readonly name: string;
  readonly network: Network;
  readonly vectors: Vectors;
  readonly configurations: readonly Configuration[];
  readonly filesFor: (target: Configuration["target"]) => FileMap;
  /** What was found out, as `verify --json` prints it. */
  readonly report: object;
  /** The same to read, as `verify -v` prints it. */
  readonly text: string;
}

/** Names of the files of a bundle that tritc reads again. */
export const BUNDLE = {
  manifest: "MANIFEST.sha256",
  about: "bundle.json",
  network: "network.json",
  inputs: "vectors/inputs.bin",
  expected: "vectors/expected.bin",
} as const;

/** `bundle.json`: which C belongs to which configuration. */
export interface BundleAbout {
  readonly format: 1;
  readonly tritc: string;
  readonly name: string;
  readonly networkHash: string;
  readonly vectors: number;
  /** Id of a configuration to the folder of its C. */
  readonly models: Readonly<Record<string, string>>;
  readonly report: object;
}

const HARNESS_FOLDER = fileURLToPath(new URL("../../firmware/harness/", import.meta.url));

/**
 * A folder that shows, without tritc, that the C computes the expected outputs: C, harness, vectors,
 * and `run.sh`, which builds, runs and compares. The same verification gives the same bytes.
 */
export function bundleFiles(parts: BundleParts): Map<string, string | Uint8Array> {
  const { name, network, vectors, configurations } = parts;
  const models = modelFolders(parts);
  const files = new Map<string, string | Uint8Array>();
  for (const { folder, files: sources } of models.values()) {
    for (const [file, text] of sources) files.set(`${folder}/${file}`, text);
  }
  for (const file of harnessTree())
    files.set(`harness/${file}`, assetText(`firmware/harness/${file}`));
  for (const configuration of configurations) {
    const folder = models.get(configuration.id)?.folder ?? "";
    for (const [file, text] of configurationFiles(parts, configuration, folder)) {
      files.set(`${folderOf(configuration)}/${file}`, text);
    }
  }
  const { type } = subjectOf(network, name, new Map()).input;
  const bytes = new Uint8Array(vectors.inputs.slice().buffer);
  files.set(BUNDLE.inputs, littleEndian(bytes, ELEMENT_SIZE[type]));
  const output = subjectOf(network, name, new Map()).output;
  files.set(BUNDLE.expected, encodeTensor(vectors.expected, output.type));
  files.set(BUNDLE.network, serializeNetwork(network));
  const about: BundleAbout = {
    format: 1,
    tritc: VERSION,
    name,
    networkHash: networkHash(network),
    vectors: vectors.count,
    models: Object.fromEntries([...models].map(([id, { folder }]) => [id, folder])),
    report: parts.report,
  };
  files.set(BUNDLE.about, `${JSON.stringify(about, null, 1)}\n`);
  const ids = configurations.map(folderOf).join(" ");
  files.set("run.sh", render("bundle/run.sh.hbs", { name, configurations: ids }));
  files.set("report.txt", `${parts.text}\n`);
  files.set("README.md", readme(parts));
  files.set(BUNDLE.manifest, manifestOf(files));
  return files;
}

/** Equal C is there once. */
function modelFolders({ configurations, filesFor }: BundleParts) {
  const seen: { readonly folder: string; readonly files: FileMap; readonly text: string }[] = [];
  return new Map(
    configurations.map(({ id, target }) => {
      const files = filesFor(target);
      const text = JSON.stringify([...files]);
      const known = seen.find((entry) => entry.text === text);
      const entry = known ?? { folder: `models/${target.id}`, files, text };
      if (known === undefined) seen.push(entry);
      return [id, entry] as const;
    }),
  );
}

function folderOf({ id }: Configuration): string {
  return `configurations/${id.replaceAll(":", "-")}`;
}

function harnessTree(): string[] {
  return readdirSync(HARNESS_FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => (entry.parentPath.endsWith("include") ? `include/${entry.name}` : entry.name))
    .sort();
}

function configurationFiles(
  { name, network, filesFor }: BundleParts,
  configuration: Configuration,
  modelFolder: string,
): Map<string, string> {
  const { target } = configuration;
  const subject = subjectOf(network, name, filesFor(target));
  const files = supportFiles(subject, target);
  files.set(
    "run.sh",
    render("bundle/configuration.sh.hbs", commandsOf(configuration, name, modelFolder)),
  );
  return files;
}

/** The commands, relative to the bundle; `-L` finds memory.ld. */
function commandsOf(configuration: Configuration, name: string, modelFolder: string) {
  const { id, target, compiler } = configuration;
  const { machine } = target;
  const folder = folderOf(configuration);
  const build = folder.replace("configurations", "build");
  const flags = compilerFlags(configuration, "harness/");
  const link = flags.link.map((flag) => (flag === "-L." ? `-L${folder}` : flag));
  const tool = toolOf(compiler);
  const emulator = machine.kind === "host" ? null : toolOf(machine.kind);
  const run =
    machine.kind === "host"
      ? ["./program", "run"]
      : ['"$emulator"', ...qemuArguments(machine, "program", "run")];
  return {
    id,
    build,
    compiler: programOf(tool),
    emulator: emulator === null ? "" : programOf(emulator),
    emulated: emulator !== null,
    compileModel: [...flags.model, `-I${modelFolder}`, "-c", `${modelFolder}/${name}.c`]
      .map(word)
      .join(" "),
    linkProgram: [
      ...flags.harness,
      ...[`-I${folder}`, `-I${modelFolder}`],
      ...harnessFiles(target).map((file) => `harness/${file}`),
      `${build}/model.o`,
      ...link,
    ]
      .map(word)
      .join(" "),
    run: run.map((text) => (text.startsWith('"') ? text : word(text))).join(" "),
  };
}

/** What the user named, or the usual program, for the shell. */
function programOf({ variable, commands: [usual = ""] }: Tool): string {
  return `\${${variable}:-${usual}}`;
}

/** One word of a shell command. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function readme({ name, vectors, configurations }: BundleParts): string {
  return render("bundle/README.md.hbs", {
    name,
    version: VERSION,
    count: vectors.count,
    configurations: configurations.map(({ id }) => `- \`${id}\``).join("\n"),
  });
}

/** In the format that `sha256sum -c` reads. */
function manifestOf(files: ReadonlyMap<string, string | Uint8Array>): string {
  return [...files]
    .map(([file, contents]) => `${createHash("sha256").update(contents).digest("hex")}  ${file}\n`)
    .sort((a, b) => a.slice(66).localeCompare(b.slice(66), "en"))
    .join("");
}
