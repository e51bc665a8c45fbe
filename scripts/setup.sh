#!/bin/sh
# Installs the programs that the tests and the demo use besides Node: C compilers, the Arm
# cross-compiler and the Arm emulator. Installs nothing that is there already, asks nothing, and on
# a system that it cannot install on says what is missing and how to get it.
# Exits with 0 all the same, since native verification needs only a C compiler; where CI=true, a
# missing program is a failure.
set -eu

# Program, the variable that lets a user name another one (or -), and Debian packages.
programs() {
    cat <<'END'
gcc TRITC_CC gcc libc6-dev
g++ - g++
clang - clang
arm-none-eabi-gcc TRITC_ARM_GCC gcc-arm-none-eabi libnewlib-arm-none-eabi
qemu-system-arm TRITC_QEMU_ARM qemu-system-arm
END
}

present() { # program variable
    if [ "$2" != - ] && eval "[ -n \"\${$2:-}\" ]"; then
        return 0
    fi
    command -v "$1" >/dev/null 2>&1 || return 1
    case $1 in
    qemu-*) ;;
    # Without the headers of a C library a compiler is of no use.
    *) echo '#include <string.h>' | "$1" -E -x c - >/dev/null 2>&1 ;;
    esac
}

# Debian packages of the programs that are missing.
missing_packages() {
    programs | while read -r program variable packages; do
        present "$program" "$variable" || printf '%s ' "$packages"
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

packages=$(missing_packages)
if [ -z "$packages" ]; then
    exit 0
fi
# $packages is several words on purpose.
apt_install $packages || true

packages=$(missing_packages)
if [ -z "$packages" ]; then
    exit 0
fi
cat >&2 <<END
missing: $packages
Tests that need these are skipped. To install everything that the tests use:
  Debian, Ubuntu:    sudo apt-get install gcc libc6-dev g++ clang gcc-arm-none-eabi qemu-system-arm
  Fedora:            sudo dnf install gcc gcc-c++ clang arm-none-eabi-gcc-cs arm-none-eabi-newlib qemu-system-arm
  Arch Linux:        sudo pacman -S gcc clang arm-none-eabi-gcc arm-none-eabi-newlib qemu-system-arm
  macOS (Homebrew):  xcode-select --install; brew install arm-none-eabi-gcc qemu
  Windows:           winget install LLVM.LLVM Arm.GnuArmEmbeddedToolchain SoftwareFreedomConservancy.QEMU
END
if [ "${CI:-}" = true ]; then
    exit 1
fi
