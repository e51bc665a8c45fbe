"""Builds a program for a board that QEMU emulates, and runs it there as its `upload`."""

import os
import shutil
import sys

from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
board = env.BoardConfig()
support = os.path.join(env.PioPlatform().get_dir(), "support")

for program in (board.get("build.compiler"), board.get("build.emulator")):
    if shutil.which(program) is None:
        sys.stderr.write(
            "Error: %s is not in PATH. `tritc doctor` says how to get it.\n" % program
        )
        env.Exit(1)

prefix = board.get("build.compiler")[: -len("gcc")]
core = board.get("build.core_flags").split()

env.Replace(
    AR=prefix + "ar",
    AS=prefix + "gcc",
    CC=prefix + "gcc",
    CXX=prefix + "g++",
    OBJCOPY=prefix + "objcopy",
    RANLIB=prefix + "ranlib",
    SIZETOOL=prefix + "size",
    ARFLAGS=["rc"],
    PROGNAME="firmware",
    PROGSUFFIX=".elf",
    SIZEPROGREGEXP=r"^(?:\.text|\.data)\s+(\d+).*",
    SIZEDATAREGEXP=r"^(?:\.data|\.bss|\.stack)\s+(\d+).*",
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
    SIZEPRINTCMD="$SIZETOOL -B -d $SOURCES",
)
env.Append(
    CCFLAGS=core
    + ["-Os", "-g", "-ffreestanding", "-fbuiltin", "-ffunction-sections", "-fdata-sections"],
    CXXFLAGS=["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    CPPDEFINES=[
        "TRITC_EMULATED",
        ("TRITC_CLOCK", board.get("build.f_cpu")),
        ("TRITC_UART", board.get("build.uart")),
        board.get("build.uart_kind"),
    ],
    CPPPATH=[support, os.path.join(support, "include")],
    LINKFLAGS=core + ["-nostdlib", "-nostartfiles", "-Wl,--gc-sections"],
    LIBS=["gcc"],
)

build_dir = env.subst("$BUILD_DIR")
os.makedirs(build_dir, exist_ok=True)
with open(os.path.join(build_dir, "memory.ld"), "w", encoding="utf8") as script:
    script.write(
        "STACK_SIZE = %s;\nMEMORY\n{\n"
        "  ROM (rx) : ORIGIN = %s, LENGTH = %s\n"
        "  RAM (rwx) : ORIGIN = %s, LENGTH = %s\n}\n"
        % (
            board.get("build.stack_size"),
            board.get("build.rom"),
            board.get("upload.maximum_size"),
            board.get("build.ram"),
            board.get("upload.maximum_ram_size"),
        )
    )
env.Append(LIBPATH=[build_dir])
env.Replace(LDSCRIPT_PATH=os.path.join(support, "program.ld"))

startup = env.Clone()
# A loop that copies bytes must not become a call of the function that it is.
startup.Append(CCFLAGS=["-fno-tree-loop-distribute-patterns"])
startup.BuildSources(os.path.join("$BUILD_DIR", "support"), support)
env.Append(PIOBUILDFILES=startup.get("PIOBUILDFILES", []))

program = env.BuildProgram()

def line():
    """QEMU's end of the serial line: the terminal, or the port of upload_port = tcp:HOST:PORT."""
    port = env.subst("$UPLOAD_PORT")
    if not port:
        return "stdio,id=host,signal=off"
    _, host, number = port.split(":")
    return "socket,id=host,host=%s,port=%s,server=on,wait=on,nodelay=on" % (host, number)


run = env.VerboseAction(
    "%s %s -chardev %s -kernel $SOURCE"
    % (board.get("build.emulator"), board.get("build.emulator_flags"), line()),
    "Running $SOURCE",
)
AlwaysBuild(env.Alias("upload", program, run))
AlwaysBuild(
    env.Alias("size", program, env.VerboseAction("$SIZEPRINTCMD", "Calculating size $SOURCE"))
)
Default([program])
