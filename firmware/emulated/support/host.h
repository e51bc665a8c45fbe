/* What a program on an emulated board has from the computer that emulates it. */
#ifndef HOST_H
#define HOST_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rate of host_ticks; the platform's builder defines TRITC_CLOCK. */
#define HOST_TICKS_PER_SECOND ((uint32_t)TRITC_CLOCK)

/* The serial line of the board, which QEMU connects to a terminal or a port. */
void line_start(void);

/* The next byte received, or -1 when none waits. */
int32_t host_get(void);

/* Sends a byte, waiting while there is no room. */
void host_put(uint8_t byte);

/* The emulated clock, wrapping at 2^32. */
uint32_t host_ticks(void);

/* Ends the emulator with an exit code. */
void host_exit(uint32_t code) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
#endif /* HOST_H */
