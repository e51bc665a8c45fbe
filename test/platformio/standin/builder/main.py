"""Builds an ordinary project of a vendor's platform with the nearest compiler that is here.

The memories are as large as the project's environment says, so the linker refuses what is too big.
"""

import os

from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

ARM = ["-mthumb"]
HARD = ["-mfloat-abi=hard"]
CPUS = {
    "cortex-m0plus": ("arm-none-eabi-", ARM + ["-mcpu=cortex-m0plus"]),
    "cortex-m3": ("arm-none-eabi-", ARM + ["-mcpu=cortex-m3"]),
    "cortex-m4": ("arm-none-eabi-", ARM + HARD + ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16"]),
    "cortex-m7": ("arm-none-eabi-", ARM + HARD + ["-mcpu=cortex-m7", "-mfpu=fpv5-d16"]),
    "cortex-m33": ("arm-none-eabi-", ARM + HARD + ["-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16"]),
    "esp32": ("xtensa-lx106-elf-", ["-mlongcalls", "-mtext-section-literals"]),
    "esp32s3": ("xtensa-lx106-elf-", ["-mlongcalls", "-mtext-section-literals"]),
    "esp32c3": ("riscv64-unknown-elf-", ["-march=rv32imc", "-misa-spec=2.2", "-mabi=ilp32"]),
    "ch32v003": ("riscv64-unknown-elf-", ["-march=rv32ec", "-misa-spec=2.2", "-mabi=ilp32e"]),
}

env = DefaultEnvironment()
board = env.BoardConfig()
prefix, core = CPUS[board.get("build.cpu")]
platform_dir = env.PioPlatform().get_dir()

env.Replace(
    AR=prefix + "ar",
    AS=prefix + "gcc",
    CC=prefix + "gcc",
    CXX=prefix + "g++",
    RANLIB=prefix + "ranlib",
    SIZETOOL=prefix + "size",
    ARFLAGS=["rc"],
    PROGNAME="firmware",
    PROGSUFFIX=".elf",
    SIZEPROGREGEXP=r"^(?:\.text|\.data)\s+(\d+).*",
    SIZEDATAREGEXP=r"^(?:\.data|\.bss)\s+(\d+).*",
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
    SIZEPRINTCMD="$SIZETOOL -B -d $SOURCES",
)
env.Append(
    CCFLAGS=core
    + ["-Os", "-ffreestanding", "-fbuiltin", "-ffunction-sections", "-fdata-sections"]
    # What a vendor's core compiles with is no business of the project; its own code has no warning.
    + ["-Wall", "-Wextra", "-Werror"],
    CXXFLAGS=["-std=gnu++14", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    CPPDEFINES=[("F_CPU", "$BOARD_F_CPU")],
    CPPPATH=[os.path.join(platform_dir, "libc", "include")],
    LINKFLAGS=core + ["-nostdlib", "-nostartfiles", "-Wl,--gc-sections"],
    LIBS=["gcc"],
)
env.Append(CCFLAGS=board.get("build.extra_flags").split())

build_dir = env.subst("$BUILD_DIR")
os.makedirs(build_dir, exist_ok=True)
with open(os.path.join(build_dir, "memory.ld"), "w", encoding="utf8") as script:
    script.write(
        "MEMORY { FLASH : ORIGIN = 0x10000000, LENGTH = %s\n RAM : ORIGIN = 0x20000000, LENGTH = %s }\n"
        % (board.get("upload.maximum_size"), board.get("upload.maximum_ram_size"))
    )
env.Append(LIBPATH=[build_dir])
env.Replace(LDSCRIPT_PATH=os.path.join(platform_dir, "program.ld"))
libc = env.Clone()
libc.Append(CCFLAGS=["-fno-tree-loop-distribute-patterns"])
env.Append(LIBS=[libc.BuildLibrary(os.path.join("$BUILD_DIR", "libc"), os.path.join(platform_dir, "libc"))])

program = env.BuildProgram()
AlwaysBuild(env.Alias("upload", program, env.VerboseAction("echo uploaded $SOURCE", "Uploading $SOURCE")))
AlwaysBuild(env.Alias("size", program, env.VerboseAction("$SIZEPRINTCMD", "Calculating size $SOURCE")))
Default([program])
