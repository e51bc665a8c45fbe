/*
 * Start-up of an Xtensa core, without register windows: reset, faults. GCC has no naked
 * functions for Xtensa, so that assembly stands outside of them.
 */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

void explain_fault(void) __attribute__((noreturn));

/*
 * The emulated machine starts at the beginning of ROM. The vectors lie at fixed distances from an
 * aligned base: kernel, user and double exception at 0x30, 0x50 and 0x70 on the lx106, at 0x300, 0x340
 * and 0x3C0 on the ESP32's LX6 (xtensa/config/core-isa.h of each).
 */
#ifdef __XTENSA_SOFT_FLOAT__
#define ENABLE_FPU
#else
#define ENABLE_FPU "movi a2, 1\n wsr a2, cpenable\n"
#endif

__asm__(".section .vectors, \"ax\"\n"
        ".global reset\n"
        "_j reset\n"
        ".org 0x400\n"
        "vector_base:\n"
        ".org 0x430\n"
        "_j fault\n"
        ".org 0x450\n"
        "_j fault\n"
        ".org 0x470\n"
        "_j fault\n"
        ".org 0x700\n"
        "_j fault\n"
        ".org 0x740\n"
        "_j fault\n"
        ".org 0x7C0\n"
        "_j fault\n"
        ".org 0x800\n"
        ".literal_position\n"
        ".align 4\n"
        "reset:\n"
        "movi a2, vector_base\n"
        "wsr a2, vecbase\n"
        "movi a1, stack_top\n"
        "movi a2, 0x20\n" /* user vectors, interrupts at every level, no exception */
        "wsr a2, ps\n"
        ENABLE_FPU
        "rsync\n"
        "movi a0, start\n"
        "jx a0\n"
        ".align 4\n"
        "fault:\n"
        "movi a1, fault_stack + " TEXT(FAULT_STACK_BYTES) "\n"
        "movi a0, explain_fault\n"
        "jx a0\n"
        ".text\n");

/* There is no memory below RAM, and access to it faults. */
void guard_stack(void) {
}

__attribute__((used)) void explain_fault(void) {
    uint32_t cause;
    uint32_t pc;
    uint32_t address;
    enter_fault();
    __asm__ volatile("rsr %0, exccause\n"
                     "rsr %1, epc1\n"
                     "rsr %2, excvaddr\n"
                     : "=a"(cause), "=a"(pc), "=a"(address));
    if ((uint32_t)stack_bottom - address - 1u < GUARD_SIZE) {
        stack_overflowed();
    }
    report_fault(cause, pc);
}
