/* RISC-V start-up in machine mode, for RV32I and RV32E cores: reset, faults, the stack's guard. */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

/* Exceptions of the mcause register (RISC-V Privileged Architecture, table 3.6). */
#define LOAD_ACCESS_FAULT 5u
#define STORE_ACCESS_FAULT 7u

/* Entry 1 of the memory protection: locked, from the address of entry 0 on, without any access. */
#define NO_ACCESS_FROM_ENTRY_0 (0x88u << 8)

void reset(void) __attribute__((naked, noreturn));
void fault(void) __attribute__((naked, noreturn));
void explain_fault(void) __attribute__((noreturn));

/* The emulated machine starts at the beginning of ROM, where .vectors lies. */
__attribute__((section(".vectors"), used)) void reset(void) {
    __asm__ volatile("la sp, stack_top\n"
                     "la t0, fault\n"
                     "csrw mtvec, t0\n"
                     "j start\n");
}

void guard_stack(void) {
    const uint32_t bottom = (uint32_t)stack_bottom;
    __asm__ volatile("csrw pmpaddr0, %0\n"
                     "csrw pmpaddr1, %1\n"
                     "csrw pmpcfg0, %2\n" ::"r"((bottom - GUARD_SIZE) >> 2),
                     "r"(bottom >> 2), "r"(NO_ACCESS_FROM_ENTRY_0)
                     : "memory");
}

__attribute__((aligned(4))) void fault(void) {
    __asm__ volatile("la sp, fault_stack + " TEXT(FAULT_STACK_BYTES) "\n"
                     "j explain_fault\n");
}

__attribute__((used)) void explain_fault(void) {
    uint32_t cause;
    uint32_t pc;
    uint32_t address;
    enter_fault();
    __asm__ volatile("csrr %0, mcause\n"
                     "csrr %1, mepc\n"
                     "csrr %2, mtval\n"
                     : "=r"(cause), "=r"(pc), "=r"(address));
    if ((cause == LOAD_ACCESS_FAULT || cause == STORE_ACCESS_FAULT) &&
        (uint32_t)stack_bottom - address - 1u < GUARD_SIZE) {
        stack_overflowed();
    }
    report_fault(cause, pc);
}
