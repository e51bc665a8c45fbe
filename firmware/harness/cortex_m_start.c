/*
 * Cortex-M start-up, from ARMv6-M (Cortex-M0) to ARMv8.1-M (Cortex-M55): vector table, reset,
 * faults.
 */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

/* Registers of the system control block, and of the ARMv7-M memory protection unit. */
#define FAULT_STATUS (*(volatile uint32_t *)0xE000ED28u)
#define FAULT_STATUS_ADDRESS_VALID (1u << 7)
#define FAULT_STATUS_STACK_LIMIT (1u << 20)
#define FAULT_ADDRESS (*(volatile uint32_t *)0xE000ED34u)
#define MPU_TYPE (*(volatile uint32_t *)0xE000ED90u)
#define MPU_CONTROL (*(volatile uint32_t *)0xE000ED94u)
#define MPU_CONTROL_ON_OVER_DEFAULT_MAP 5u
#define MPU_REGION (*(volatile uint32_t *)0xE000ED98u)
#define MPU_BASE (*(volatile uint32_t *)0xE000ED9Cu)
#define MPU_SIZE_AND_ACCESS (*(volatile uint32_t *)0xE000EDA0u)
#define MPU_NO_ACCESS_8_MIB ((22u << 1) | 1u) /* 2^(22 + 1) bytes, enabled */

/* What the processor pushes on entry to an exception. */
struct exception_frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

struct vectors {
    uint32_t *initial_stack;
    void (*handlers[15])(void);
};

void reset(void) __attribute__((naked, noreturn));
void fault(void) __attribute__((naked, noreturn));
void explain_fault(const struct exception_frame *frame) __attribute__((noreturn));

extern const struct vectors vectors;
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    stack_top,
    {
        reset, /* 1 */
        fault, /* NMI */
        fault, /* HardFault */
        fault, /* MemManage */
        fault, /* BusFault */
        fault, /* UsageFault */
        fault, /* SecureFault */
        0, 0, 0,
        fault, /* SVCall */
        fault, /* debug monitor */
        0,
        fault, /* PendSV */
        clock_interrupt,
    },
};

/*
 * The floating-point and vector units are off at reset, and compiled code may use them anywhere:
 * they are enabled (CPACR, full access to CP10 and CP11) before the first line of C.
 */
void reset(void) {
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
                     "bl start\n");
}

/*
 * Makes a stack that grows beyond its bottom fault. Some emulated boards swallow accesses below
 * RAM, so that the stack limit register of ARMv8-M or a protected region is needed. ARMv6-M cores
 * have neither: there an overflow shows by the paint (cortex_m_measure.c).
 */
void guard_stack(void) {
#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
    __asm__ volatile("msr msplim, %0" ::"r"(stack_bottom));
#else
    if (MPU_TYPE != 0u) {
        MPU_REGION = 0;
        MPU_BASE = (uint32_t)stack_bottom - GUARD_SIZE;
        MPU_SIZE_AND_ACCESS = MPU_NO_ACCESS_8_MIB;
        MPU_CONTROL = MPU_CONTROL_ON_OVER_DEFAULT_MAP;
        __asm__ volatile("dsb\n isb\n" ::: "memory");
    }
#endif
}

/* Whether a fault, whose frame the processor pushed there, comes from the guard of the stack. */
static int hit_guard(const struct exception_frame *frame) {
    const uint32_t status = FAULT_STATUS;
    const uint32_t below = (uint32_t)stack_bottom - FAULT_ADDRESS;
    return (const uint32_t *)frame < stack_bottom || (status & FAULT_STATUS_STACK_LIMIT) != 0u ||
           ((status & FAULT_STATUS_ADDRESS_VALID) != 0u && below - 1u < GUARD_SIZE);
}

void fault(void) {
    __asm__ volatile("mov r0, sp\n"
                     "ldr r1, =fault_stack + " TEXT(FAULT_STACK_BYTES) "\n"
                     "mov sp, r1\n"
                     "bl explain_fault\n");
}

__attribute__((used)) void explain_fault(const struct exception_frame *frame) {
    uint32_t exception;
    enter_fault();
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    if (hit_guard(frame)) {
        stack_overflowed();
    }
    report_fault(exception, frame->pc);
}
