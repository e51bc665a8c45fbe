/*
 * Semihosting: an instruction at which the emulator acts for the program. Operations and their
 * arguments: "Semihosting for AArch32 and AArch64", Arm; RISC-V has the same ones.
 */
#include "host.h"

#define SYS_EXIT_EXTENDED 0x20u
#define STOPPED_APPLICATION_EXIT 0x20026u

static uint32_t call_host(uint32_t operation, const void *arguments)
{
#ifdef __riscv
    register uint32_t result __asm__("a0") = operation;
    register const void *block __asm__("a1") = arguments;
    /* The three uncompressed instructions that mark a call, in one page of memory. */
    __asm__ volatile(".option push\n"
                     ".balign 16\n"
                     ".option norvc\n"
                     "slli x0, x0, 0x1f\n"
                     "ebreak\n"
                     "srai x0, x0, 7\n"
                     ".option pop\n"
                     : "+r"(result)
                     : "r"(block)
                     : "memory");
#else
    register uint32_t result __asm__("r0") = operation;
    register const void *block __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xAB" : "+r"(result) : "r"(block) : "memory");
#endif
    return result;
}

void host_exit(uint32_t code)
{
    const uint32_t arguments[2] = {STOPPED_APPLICATION_EXIT, code};

    for (;;) {
        (void)call_host(SYS_EXIT_EXTENDED, arguments);
    }
}
