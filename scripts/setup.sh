#!/bin/sh
# Installs the programs that the tests and the demo use besides Node: C compilers, the
# cross-compilers and emulators of Arm, RISC-V and Xtensa, analysers of C, and, in a folder of the
# project's own, PlatformIO. Installs nothing that is there already, asks nothing, and on a system that it
# cannot install on says what is missing and how to get it.
# Exits with 0 all the same, since native verification needs only a C compiler; where CI=true, a
# missing program is a failure.
set -eu

# Program, the variable that lets a user name another one (or -), and Debian packages.
programs() {
    cat <<'END'
gcc TRITC_GCC gcc libc6-dev
g++ - g++
clang TRITC_CLANG clang libclang-rt-dev
arm-none-eabi-gcc TRITC_ARM_GCC gcc-arm-none-eabi libnewlib-arm-none-eabi
qemu-system-arm TRITC_QEMU_ARM qemu-system-arm
riscv64-unknown-elf-gcc TRITC_RISCV_GCC gcc-riscv64-unknown-elf
qemu-system-riscv32 TRITC_QEMU_RISCV32 qemu-system-misc
xtensa-lx106-elf-gcc TRITC_XTENSA_GCC gcc-xtensa-lx106
qemu-system-xtensa TRITC_QEMU_XTENSA qemu-system-misc
frama-c TRITC_FRAMA_C frama-c-base
cppcheck - cppcheck
clang-tidy - clang-tidy
END
}

present() { # program variable
    if [ "$2" != - ] && eval "[ -n \"\${$2:-}\" ]"; then
        return 0
    fi
    command -v "$1" >/dev/null 2>&1 || return 1
    case $1 in
    qemu-* | frama-c | cppcheck | clang-tidy) ;;
    # No test needs more of these than the harness brings.
    riscv64-* | xtensa-*) ;;
    # The sanitizers come in a package of their own.
    clang) echo 'int main(void) { return 0; }' |
        clang -fsanitize=address -x c - -o /dev/null >/dev/null 2>&1 ;;
    # Without the headers of a C library a compiler is of no use.
    *) echo '#include <string.h>' | "$1" -E -x c - >/dev/null 2>&1 ;;
    esac
}

# Debian packages of the programs that are missing; one of several programs is named once.
missing_packages() {
    named=' '
    programs | while read -r program variable packages; do
        case $named in *" $packages "*) continue ;; esac
        if ! present "$program" "$variable"; then
            printf '%s ' "$packages"
            named="$named$packages "
        fi
    done
}

# Prints how to become root without a question, or fails.
root_prefix() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif sudo -n true >/dev/null 2>&1; then
        echo sudo -n env
    else
        return 1
    fi
}

apt_install() { # packages...
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root=$(root_prefix) || return 1
    log=$(mktemp)
    echo "installing $*" >&2
    # $as_root is several words on purpose.
    if $as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 &&
        $as_root DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
            --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 5 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# With the SCons that it would otherwise download from its registry.
platformio=${0%/*}/../build/pio

platformio_install() {
    [ -n "${TRITC_PIO:-}" ] && return 0
    [ -x "$platformio/bin/pio" ] && return 0
    log=$(mktemp)
    echo "installing platformio" >&2
    if python3 -m venv "$platformio" >"$log" 2>&1 &&
        "$platformio/bin/pip" install -q --timeout 15 --retries 1 platformio scons >"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 5 "$log" >&2
        rm -rf "$log" "$platformio"
        echo "missing: platformio (pip install platformio scons); its tests are skipped" >&2
        return 1
    fi
}

platformio_missing=
platformio_install || platformio_missing=platformio

packages=$(missing_packages)
if [ -n "$packages" ]; then
    # $packages is several words on purpose.
    apt_install $packages || true
    packages=$(missing_packages)
fi
if [ -z "$packages" ]; then
    if [ "${CI:-}" = true ] && [ -n "$platformio_missing" ]; then
        exit 1
    fi
    exit 0
fi
cat >&2 <<END
missing: $packages
Tests that need these are skipped. To install everything that the tests use:
  Debian, Ubuntu:    sudo apt-get install gcc libc6-dev g++ clang libclang-rt-dev gcc-arm-none-eabi qemu-system-arm \\
                       gcc-riscv64-unknown-elf gcc-xtensa-lx106 qemu-system-misc frama-c-base cppcheck clang-tidy
  Fedora:            sudo dnf install gcc gcc-c++ libasan libubsan clang compiler-rt arm-none-eabi-gcc-cs arm-none-eabi-newlib \\
                       qemu-system-arm qemu-system-riscv qemu-system-xtensa frama-c cppcheck clang-tools-extra
  Arch Linux:        sudo pacman -S gcc clang compiler-rt arm-none-eabi-gcc arm-none-eabi-newlib riscv64-elf-gcc \\
                       qemu-system-arm qemu-system-riscv qemu-system-xtensa cppcheck; opam install frama-c
  macOS (Homebrew):  xcode-select --install; brew install gcc arm-none-eabi-gcc riscv64-elf-gcc qemu cppcheck llvm;
                       opam install frama-c
  Windows:           winget install LLVM.LLVM BrechtSanders.WinLibs.POSIX.UCRT Arm.GnuArmEmbeddedToolchain SoftwareFreedomConservancy.QEMU
The RISC-V compiler, where it is not among these, and the Xtensa compiler:
                     npx xpm install --global @xpack-dev-tools/riscv-none-elf-gcc
                     pio pkg install --global --tool platformio/toolchain-xtensa
What the target esp32 needs, which no test uses:
                     idf_tools.py install xtensa-esp-elf
                     idf_tools.py install qemu-xtensa  (of ESP-IDF)
END
if [ "${CI:-}" = true ]; then
    exit 1
fi
