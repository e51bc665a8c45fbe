import { type Diagnostic, errorDiagnostic, fail } from "../diagnostics.js";

const KEYWORDS = new Set(
  (
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t " +
    "char8_t class compl concept const const_cast consteval constexpr constinit continue co_await " +
    "co_return co_yield decltype default delete do double dynamic_cast else enum explicit export " +
    "extern false float for friend goto if inline int long mutable namespace new noexcept not " +
    "not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires " +
    "restrict return short signed sizeof static static_assert static_cast struct switch template " +
    "this thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned " +
    "using virtual void volatile wchar_t while xor xor_eq main errno assert"
  ).split(" "),
);

/** Beside a `string.h` of ours no program would find its C library's. Headers of C and POSIX. */
const HEADERS = new Set(
  (
    "complex ctype fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg " +
    "stdatomic stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string strings " +
    "tgmath threads time uchar unistd wchar wctype memory malloc features endian"
  ).split(" "),
);

/** Windows takes these names for devices, whatever follows after a dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/** C99 guarantees 31 significant characters of external names; suffixes such as `_run_in` follow. */
const LONGEST_NAME = 24;

const LEGAL = /^[a-z][a-z0-9_]*$/;

/** Checks a model name that the user chose: it becomes the prefix of every C symbol and file. */
export function checkModelName(name: string): string {
  const problem = problemOf(name);
  return problem === null ? name : fail(badName(name, problem));
}

function problemOf(name: string): string | null {
  if (KEYWORDS.has(name)) return "it is a word of C or C++";
  if (HEADERS.has(name)) return `<${name}.h> is a header of the C library`;
  if (DEVICE.test(name)) return "Windows has no files of that name";
  if (name.startsWith("tritc_")) return "names that begin with tritc_ belong to the kernels";
  if (!LEGAL.test(name)) {
    return "it must be lower-case ASCII letters, digits and underscores, and begin with a letter";
  }
  if (name.length > LONGEST_NAME) {
    return `it has ${name.length} characters; C99 compilers need only tell apart 31, so ${LONGEST_NAME} are left for it`;
  }
  return null;
}

function badName(name: string, problem: string): Diagnostic {
  return errorDiagnostic(
    "usage/bad-name",
    {},
    `"${name}" cannot be the model's name in C: ${problem}`,
    `Use for example --name ${suggestModelName(name)}.`,
  );
}

/** A legal model name made from a file name or any other text. */
export function suggestModelName(text: string): string {
  const stem = text
    .toLowerCase()
    .replace(/\.[a-z0-9]+$/, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, LONGEST_NAME - 6)
    .replace(/_+$/, "");
  if (stem === "") return "model";
  return problemOf(stem) === null ? stem : `${stem.replace(/^(tritc_)+/, "")}_model`;
}

/** Text of the model file, safe inside a C block comment: ASCII, one line, no comment marks. */
export function commentText(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]/g, "?");
  // Backslashes first: what they become must not make a mark of its own.
  return ascii.replaceAll("\\", "/").replace(/\*(?=\/)|\/(?=\*)|\?(?=\?)/g, "$& ");
}
