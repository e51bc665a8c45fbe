/* Cortex-M, from ARMv6-M to ARMv8.1-M: vector table, reset, and SysTick as a clock of 32 bits. */
#ifdef __arm__

#include "host.h"
#include "program.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
#define SYSTICK_ON 7u /* processor clock, interrupt, enabled */
#define SYSTICK_PERIOD 0x1000000u

void reset(void) __attribute__((naked, noreturn));
void fault(void) __attribute__((naked, noreturn));
void tick(void);

struct vectors {
    uint32_t *initial_stack;
    void (*handlers[15])(void);
};

extern const struct vectors vectors;
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    stack_top,
    {reset, fault, fault, fault, fault, fault, fault, 0, 0, 0, fault, fault, 0, fault, tick},
};

/* The floating-point and vector units are off at reset (CPACR), and any code may use them. */
void reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    __asm__ volatile("ldr r0, =0xE000ED88\n"
                     "ldr r1, [r0]\n"
                     "orr r1, r1, #0xF00000\n"
                     "str r1, [r0]\n"
                     "dsb\n"
                     "isb\n");
#endif
    __asm__ volatile("ldr r0, =stack_top\n"
                     "mov sp, r0\n"
                     "bl program_start\n");
}

/* The stack may be what went wrong. */
void fault(void)
{
    __asm__ volatile("ldr r0, =stack_top\n"
                     "mov sp, r0\n"
                     "bl program_fault\n");
}

static volatile uint32_t periods = 0;

void tick(void)
{
    periods++;
}

void clock_start(void)
{
    SYSTICK_RELOAD = SYSTICK_PERIOD - 1u;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ON;
}

uint32_t host_ticks(void)
{
    uint32_t before;
    uint32_t value;

    do {
        before = periods;
        value = SYSTICK_VALUE;
    } while (before != periods);
    return before * SYSTICK_PERIOD + (SYSTICK_PERIOD - 1u - value);
}

#endif /* __arm__ */
