/* What the application asks of a board, besides a camera. One file of board/ is compiled for each. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Serial line, clock and LED. Called once, first. */
void board_start(void);

/* Sends a byte of the serial line, waiting while there is no room. */
void board_put(uint8_t byte);

/* The next byte received, or -1 when none waits. */
int32_t board_get(void);

/* Microseconds since the start; wraps at 2^32. */
uint32_t board_micros(void);

/* Bytes of RAM that nothing uses: heap that is free, or what lies between heap and stack. 0 when the
 * board cannot tell. */
uint32_t board_free_ram(void);

void board_led(int on);

/* From now on the board restarts unless board_watchdog_feed is called every `milliseconds`. */
void board_watchdog_start(uint32_t milliseconds);
void board_watchdog_feed(void);

/* Waits for the watchdog to restart the board. Boards without a watchdog restart at once. */
void board_restart(void);

#ifdef __cplusplus
}
#endif
#endif /* BOARD_H */
