import type { Compiled } from "../compile.js";
import { commentText } from "../emit/names.js";
import { render, type View } from "../emit/templates.js";
import type { FileMap } from "../emit/types.js";
import { formatManifest, manifestName } from "../io/manifest.js";
import { goldenHeader, goldenVectors } from "../project/golden.js";
import { inputText, outputText } from "../report/ends.js";
import { libraryJson, sentenceOf } from "./library-json.js";

/** Bytes of golden vectors: only the examples have them linked. */
const GOLDEN_BYTES = 16_384;

/** Files of the package, and the templates that they are made from. */
const TEMPLATES = {
  "README.md": "README.md",
  "library.properties": "library.properties",
  "CMakeLists.txt": "CMakeLists.txt",
  "idf_component.yml": "idf_component.yml",
  "zephyr/module.yml": "zephyr/module.yml",
  "zephyr/CMakeLists.txt": "zephyr/CMakeLists.txt",
  "zephyr/Kconfig": "zephyr/Kconfig",
  "examples/arduino/arduino.ino": "examples/arduino.ino",
  "examples/platformio/platformio.ini": "examples/platformio.ini",
  "examples/platformio/src/main.c": "examples/main.c",
  "examples/cmake/CMakeLists.txt": "examples/cmake.txt",
  "examples/cmake/main.c": "examples/main.c",
  "examples/esp-idf/CMakeLists.txt": "examples/esp-idf.txt",
  "examples/esp-idf/main/CMakeLists.txt": "examples/esp-idf-main.txt",
  "examples/esp-idf/main/main.c": "examples/main.c",
  "examples/zephyr/CMakeLists.txt": "examples/zephyr.txt",
  "examples/zephyr/prj.conf": "examples/prj.conf",
  "examples/zephyr/src/main.c": "examples/main.c",
} as const;

/**
 * The compiled network as one folder that PlatformIO, Arduino, ESP-IDF, Zephyr and CMake each take as
 * a library: C in `src`, a manifest for each, an example for each. `more` are further files of `src`.
 */
export async function packageFiles(compiled: Compiled, more: FileMap): Promise<FileMap> {
  const { name, network } = compiled;
  const golden = await goldenVectors(network, GOLDEN_BYTES);
  const sources = new Map([
    ...compiled.files,
    ...more,
    [`${name}_golden.h`, goldenHeader(compiled, golden)],
  ]);
  const view = viewOf(compiled, sources);
  return new Map([
    ...[...sources].map(([file, text]) => [`src/${file}`, text] as const),
    [`src/${manifestName(name)}`, formatManifest(compiled)],
    ["library.json", libraryJson(compiled, { flags: ["-O2"], examples: EXAMPLES })],
    ...Object.entries(TEMPLATES).map(([file, template]): [string, string] => [
      file,
      render(`package/${template}.hbs`, { ...view, idf: file.includes("esp-idf") }),
    ]),
  ]);
}

const EXAMPLES = [
  { name: "Arduino", base: "examples/arduino", files: ["arduino.ino"] },
  { name: "PlatformIO", base: "examples/platformio", files: ["platformio.ini", "src/main.c"] },
] as const;

function viewOf(compiled: Compiled, sources: FileMap): View {
  const { name, provenance, facts } = compiled;
  const units = [...sources.keys()].filter((file) => file.endsWith(".c"));
  return {
    name,
    upper: name.toUpperCase(),
    version: provenance.version,
    source: commentText(provenance.source),
    sentence: sentenceOf(compiled),
    inputs: inputText(facts),
    outputs: outputText(facts),
    units: units.map((file) => `  src/${file}`).join("\n"),
    zephyrUnits: units.map((file) => `    ../src/${file}`).join("\n"),
  };
}
