/** The programs that building and running generated code needs: how to find and how to get them. */

export type ToolId = "cc" | "arm-gcc" | "qemu-arm";

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
];

/** The entry of a tool. */
export function toolOf(id: ToolId): Tool {
  const tool = TOOLS.find((candidate) => candidate.id === id);
  if (tool === undefined) throw new Error(`no tool ${id} in the table`);
  return tool;
}
