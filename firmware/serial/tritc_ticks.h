/*
 * A counter of the core's own cycles, where the core has one that is known here: then
 * TRITC_TICKS_NAME is defined, and tritc_ticks wraps at 2^32. Elsewhere a program counts
 * microseconds or nothing.
 */
#ifndef TRITC_TICKS_H
#define TRITC_TICKS_H

#include <stdint.h>

#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__) || defined(__ARM_ARCH_8M_MAIN__) || \
    defined(__ARM_ARCH_8_1M_MAIN__)

/* Data watchpoint and trace unit (ARMv7-M Architecture Reference Manual, C1.8). */
#define TRITC_TICKS_NAME "DWT"
#define TRITC_DEMCR (*(volatile uint32_t *)0xE000EDFCu)
#define TRITC_DWT_CONTROL (*(volatile uint32_t *)0xE0001000u)
#define TRITC_DWT_CYCLES (*(volatile uint32_t *)0xE0001004u)
#define TRITC_DWT_LOCK (*(volatile uint32_t *)0xE0001FB0u)

static inline void tritc_ticks_start(void) {
    TRITC_DEMCR |= 1u << 24;      /* TRCENA */
    TRITC_DWT_LOCK = 0xC5ACCE55u; /* a Cortex-M7 locks its unit */
    TRITC_DWT_CONTROL |= 1u;      /* CYCCNTENA */
}

static inline uint32_t tritc_ticks(void) {
    return TRITC_DWT_CYCLES;
}

#elif defined(__XTENSA__)

#define TRITC_TICKS_NAME "CCOUNT"

static inline void tritc_ticks_start(void) {
}

static inline uint32_t tritc_ticks(void) {
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=a"(count));
    return count;
}

#elif defined(CONFIG_IDF_TARGET_ESP32C3)

/* This core has a counter of its own in place of mcycle (ESP32-C3 Technical Reference Manual, 1.4). */
#define TRITC_TICKS_NAME "mpccr"

static inline void tritc_ticks_start(void) {
    __asm__ volatile("csrw 0x7E0, %0\n"
                     "csrw 0x7E1, %0\n" ::"r"(1));
}

static inline uint32_t tritc_ticks(void) {
    uint32_t count;
    __asm__ volatile("csrr %0, 0x7E2" : "=r"(count));
    return count;
}

#elif defined(__riscv) && !defined(__riscv_32e)

/* Privileged Architecture, 3.1.10. The small RV32E cores have no such counter. */
#define TRITC_TICKS_NAME "mcycle"

static inline void tritc_ticks_start(void) {
}

static inline uint32_t tritc_ticks(void) {
    uint32_t count;
    __asm__ volatile("csrr %0, mcycle" : "=r"(count));
    return count;
}

#endif

#endif /* TRITC_TICKS_H */
