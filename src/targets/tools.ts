/** The programs that building and running generated code needs: how to find and how to get them. */

export type ToolId =
  | "cc"
  | "gcc"
  | "clang"
  | "arm-gcc"
  | "qemu-arm"
  | "riscv-gcc"
  | "qemu-riscv32"
  | "xtensa-gcc"
  | "qemu-xtensa"
  | "esp32-gcc"
  | "qemu-esp32"
  | "frama-c"
  | "pio";

/** Systems with instructions of their own. */
export type System = "debian" | "fedora" | "arch" | "macos" | "windows";

export interface Tool {
  readonly id: ToolId;
  readonly purpose: string;
  /** Environment variable that names the program; nothing else is then looked at. */
  readonly variable: string;
  /** Names to look for, the preferred one first. */
  readonly commands: readonly string[];
  /**
   * Folders to look in after PATH. `~` is the home folder, `$NAME` an environment variable, and a
   * `*` segment any folder, the highest version first.
   */
  readonly folders: readonly string[];
  /** What a program of that name must be able to do: `args` make it print `text`. */
  readonly ability?: { readonly args: readonly string[]; readonly text: string };
  /** The command that installs it. */
  readonly install: Readonly<Record<System, string>>;
}

export const SYSTEM_NAMES: Readonly<Record<System, string>> = {
  debian: "Debian, Ubuntu",
  fedora: "Fedora",
  arch: "Arch Linux",
  macos: "macOS (Homebrew)",
  windows: "Windows",
};

/** Where xpm keeps the packages that it installs, by system. */
const XPM_STORES = [
  "$XPACKS_STORE_FOLDER",
  "~/.local/xPacks",
  "~/Library/xPacks",
  "$APPDATA/xPacks",
];

function xpmFolders(packageName: string): string[] {
  return XPM_STORES.map((store) => `${store}/@xpack-dev-tools/${packageName}/*/.content/bin`);
}

/** Most systems do not package the compiler for the lx106; PlatformIO has it for all of them. */
const PLATFORMIO_XTENSA = "pio pkg install --global --tool platformio/toolchain-xtensa";

/** Where ESP-IDF keeps its tools. */
function espressifFolders(tool: string, inside: string): string[] {
  return ["$IDF_TOOLS_PATH", "~/.espressif"].map((root) => `${root}/tools/${tool}/*/${inside}`);
}

function everywhere(command: string): Record<System, string> {
  return { debian: command, fedora: command, arch: command, macos: command, windows: command };
}

export const TOOLS: readonly Tool[] = [
  {
    id: "cc",
    purpose: "compiles generated C for this computer (target native)",
    variable: "TRITC_CC",
    commands: ["cc", "gcc", "clang"],
    folders: ["$ProgramFiles/LLVM/bin"],
    install: {
      debian: "sudo apt-get install gcc libc6-dev",
      fedora: "sudo dnf install gcc",
      arch: "sudo pacman -S gcc",
      macos: "xcode-select --install",
      windows: "winget install LLVM.LLVM  (with the Visual Studio Build Tools)",
    },
  },
  {
    id: "gcc",
    purpose: "compiles generated C for this computer (native:gcc)",
    variable: "TRITC_GCC",
    commands: ["gcc"],
    folders: [],
    install: {
      debian: "sudo apt-get install gcc libc6-dev",
      fedora: "sudo dnf install gcc libasan libubsan",
      arch: "sudo pacman -S gcc",
      macos: "brew install gcc",
      windows: "winget install BrechtSanders.WinLibs.POSIX.UCRT",
    },
  },
  {
    id: "clang",
    purpose: "compiles generated C for this computer (native:clang)",
    variable: "TRITC_CLANG",
    commands: ["clang"],
    folders: ["$ProgramFiles/LLVM/bin"],
    install: {
      debian: "sudo apt-get install clang libclang-rt-dev",
      fedora: "sudo dnf install clang compiler-rt",
      arch: "sudo pacman -S clang compiler-rt",
      macos: "xcode-select --install",
      windows: "winget install LLVM.LLVM  (with the Visual Studio Build Tools)",
    },
  },
  {
    id: "arm-gcc",
    purpose: "compiles generated C for Arm Cortex-M",
    variable: "TRITC_ARM_GCC",
    commands: ["arm-none-eabi-gcc"],
    folders: [
      "~/.platformio/packages/toolchain-gccarmnoneeabi/bin",
      ...xpmFolders("arm-none-eabi-gcc"),
      "/Applications/ArmGNUToolchain/*/arm-none-eabi/bin",
      "$ProgramFiles/Arm GNU Toolchain arm-none-eabi/*/bin",
    ],
    install: {
      debian: "sudo apt-get install gcc-arm-none-eabi",
      fedora: "sudo dnf install arm-none-eabi-gcc-cs",
      arch: "sudo pacman -S arm-none-eabi-gcc",
      macos: "brew install arm-none-eabi-gcc",
      windows: "winget install Arm.GnuArmEmbeddedToolchain",
    },
  },
  {
    id: "qemu-arm",
    purpose: "emulates Arm Cortex-M boards",
    variable: "TRITC_QEMU_ARM",
    commands: ["qemu-system-arm"],
    folders: [...xpmFolders("qemu-arm"), "$ProgramFiles/qemu"],
    install: {
      debian: "sudo apt-get install qemu-system-arm",
      fedora: "sudo dnf install qemu-system-arm",
      arch: "sudo pacman -S qemu-system-arm",
      macos: "brew install qemu",
      windows: "winget install SoftwareFreedomConservancy.QEMU",
    },
  },
  {
    id: "riscv-gcc",
    purpose: "compiles generated C for RISC-V",
    variable: "TRITC_RISCV_GCC",
    commands: ["riscv64-unknown-elf-gcc", "riscv64-elf-gcc", "riscv-none-elf-gcc"],
    folders: xpmFolders("riscv-none-elf-gcc"),
    install: {
      debian: "sudo apt-get install gcc-riscv64-unknown-elf",
      fedora: "npx xpm install --global @xpack-dev-tools/riscv-none-elf-gcc",
      arch: "sudo pacman -S riscv64-elf-gcc",
      macos: "brew install riscv64-elf-gcc",
      windows: "npx xpm install --global @xpack-dev-tools/riscv-none-elf-gcc",
    },
  },
  {
    id: "qemu-riscv32",
    purpose: "emulates RISC-V cores",
    variable: "TRITC_QEMU_RISCV32",
    commands: ["qemu-system-riscv32"],
    folders: [...xpmFolders("qemu-riscv"), "$ProgramFiles/qemu"],
    install: {
      debian: "sudo apt-get install qemu-system-misc",
      fedora: "sudo dnf install qemu-system-riscv",
      arch: "sudo pacman -S qemu-system-riscv",
      macos: "brew install qemu",
      windows: "winget install SoftwareFreedomConservancy.QEMU",
    },
  },
  {
    id: "xtensa-gcc",
    purpose: "compiles generated C for Xtensa",
    variable: "TRITC_XTENSA_GCC",
    commands: ["xtensa-lx106-elf-gcc"],
    folders: ["~/.platformio/packages/toolchain-xtensa/bin"],
    install: {
      debian: "sudo apt-get install gcc-xtensa-lx106",
      fedora: PLATFORMIO_XTENSA,
      arch: PLATFORMIO_XTENSA,
      macos: PLATFORMIO_XTENSA,
      windows: PLATFORMIO_XTENSA,
    },
  },
  {
    id: "qemu-xtensa",
    purpose: "emulates Xtensa cores",
    variable: "TRITC_QEMU_XTENSA",
    commands: ["qemu-system-xtensa"],
    folders: ["$ProgramFiles/qemu"],
    install: {
      debian: "sudo apt-get install qemu-system-misc",
      fedora: "sudo dnf install qemu-system-xtensa",
      arch: "sudo pacman -S qemu-system-xtensa",
      macos: "brew install qemu",
      windows: "winget install SoftwareFreedomConservancy.QEMU",
    },
  },
  {
    id: "esp32-gcc",
    purpose: "compiles generated C for the ESP32",
    variable: "TRITC_ESP32_GCC",
    commands: ["xtensa-esp32-elf-gcc"],
    folders: [
      ...espressifFolders("xtensa-esp-elf", "xtensa-esp-elf/bin"),
      ...espressifFolders("xtensa-esp32-elf", "xtensa-esp32-elf/bin"),
      "~/.platformio/packages/toolchain-xtensa-esp-elf/bin",
      "~/.platformio/packages/toolchain-xtensa-esp32/bin",
    ],
    install: everywhere("idf_tools.py install xtensa-esp-elf  (of ESP-IDF)"),
  },
  {
    id: "qemu-esp32",
    purpose: "emulates the ESP32: Espressif's own QEMU",
    variable: "TRITC_QEMU_ESP32",
    commands: ["qemu-system-xtensa"],
    folders: espressifFolders("qemu-xtensa", "qemu/bin"),
    ability: { args: ["-M", "help"], text: "esp32" },
    install: everywhere("idf_tools.py install qemu-xtensa  (of ESP-IDF)"),
  },
  {
    id: "frama-c",
    purpose: "proves generated C free of run-time errors (verify --prove)",
    variable: "TRITC_FRAMA_C",
    commands: ["frama-c"],
    folders: ["~/.opam/default/bin"],
    install: {
      debian: "sudo apt-get install frama-c-base",
      fedora: "sudo dnf install frama-c",
      arch: "opam install frama-c",
      macos: "opam install frama-c",
      windows: "opam install frama-c  (in WSL)",
    },
  },
];

/** What builds and flashes the projects of `tritc new`. Verification has no use for it. */
export const PIO: Tool = {
  id: "pio",
  purpose: "builds, tests and flashes projects for boards (tritc new)",
  variable: "TRITC_PIO",
  commands: ["pio", "platformio"],
  folders: ["~/.platformio/penv/bin", "~/.platformio/penv/Scripts"],
  install: everywhere("pip install platformio"),
};

/** The entry of a tool. */
export function toolOf(id: ToolId): Tool {
  const tool = TOOLS.find((candidate) => candidate.id === id);
  if (tool === undefined) throw new Error(`no tool ${id} in the table`);
  return tool;
}
