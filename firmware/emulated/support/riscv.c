/* RISC-V in machine mode, for RV32I and RV32E cores. */
#ifdef __riscv

#include "host.h"
#include "program.h"

void reset(void) __attribute__((naked, noreturn));
void fault(void) __attribute__((naked, noreturn, aligned(4)));

/* The emulated machine starts at the beginning of ROM, where .vectors lies. */
__attribute__((section(".vectors"), used)) void reset(void)
{
    __asm__ volatile("la sp, stack_top\n"
                     "la t0, fault\n"
                     "csrw mtvec, t0\n"
                     "j program_start\n");
}

/* The stack may be what went wrong. */
void fault(void)
{
    __asm__ volatile("la sp, stack_top\n"
                     "j program_fault\n");
}

void clock_start(void)
{
}

uint32_t host_ticks(void)
{
    uint32_t count;

    __asm__ volatile("csrr %0, mcycle" : "=r"(count));
    return count;
}

#endif /* __riscv */
