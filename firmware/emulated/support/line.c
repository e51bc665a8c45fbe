/*
 * The serial line of the emulated boards. The platform's builder defines TRITC_UART, its address, and
 * one of TRITC_UART_CMSDK, TRITC_UART_NRF51 and TRITC_UART_16550. (Semihosting has a console, too, but
 * no way to ask whether a byte waits.)
 */
#include "host.h"

#define REGISTER(offset) (*(volatile uint32_t *)((uint32_t)TRITC_UART + (offset)))

#if defined(TRITC_UART_CMSDK)

/* Arm's MPS2 and MPS3 boards: Cortex-M System Design Kit, APB UART (Arm DDI 0479, 4.3). */
#define DATA REGISTER(0x00u)
#define STATE REGISTER(0x04u)
#define CONTROL REGISTER(0x08u)
#define DIVIDER REGISTER(0x10u)
#define TRANSMITTER_FULL 1u
#define RECEIVER_FULL 2u

void line_start(void)
{
    DIVIDER = 16;
    CONTROL = 3; /* transmitter and receiver on */
}

int32_t host_get(void)
{
    return (STATE & RECEIVER_FULL) != 0u ? (int32_t)(DATA & 0xFFu) : -1;
}

void host_put(uint8_t byte)
{
    while ((STATE & TRANSMITTER_FULL) != 0u) {
    }
    DATA = byte;
}

#elif defined(TRITC_UART_NRF51)

/* The micro:bit: nRF51 Series Reference Manual, chapter 29. */
#define START_RECEIVER REGISTER(0x000u)
#define START_TRANSMITTER REGISTER(0x008u)
#define RECEIVED REGISTER(0x108u)
#define SENT REGISTER(0x11Cu)
#define ENABLE REGISTER(0x500u)
#define RECEIVED_DATA REGISTER(0x518u)
#define DATA REGISTER(0x51Cu)

void line_start(void)
{
    ENABLE = 4;
    START_RECEIVER = 1;
    START_TRANSMITTER = 1;
}

int32_t host_get(void)
{
    if (RECEIVED == 0u) {
        return -1;
    }
    RECEIVED = 0;
    return (int32_t)(RECEIVED_DATA & 0xFFu);
}

void host_put(uint8_t byte)
{
    SENT = 0;
    DATA = byte;
    while (SENT == 0u) {
    }
}

#elif defined(TRITC_UART_16550)

/* QEMU's RISC-V board: a 16550, its registers a byte apart. */
#define PORT ((volatile uint8_t *)(uint32_t)TRITC_UART)
#define DATA PORT[0]
#define LINE_STATUS PORT[5]
#define RECEIVED 1u
#define ROOM_TO_SEND 0x20u

void line_start(void)
{
}

int32_t host_get(void)
{
    return (LINE_STATUS & RECEIVED) != 0u ? (int32_t)DATA : -1;
}

void host_put(uint8_t byte)
{
    while ((LINE_STATUS & ROOM_TO_SEND) == 0u) {
    }
    DATA = byte;
}

#else
#error "the kind of TRITC_UART is not known"
#endif
