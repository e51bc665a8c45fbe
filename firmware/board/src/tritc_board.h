/*
 * What an application asks of the board that it runs on. The same calls work on a device with the
 * Arduino core, on an emulated board, and on a workstation.
 */
#ifndef TRITC_BOARD_H
#define TRITC_BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The application: called once, and then again and again. */
void tritc_setup(void);
void tritc_loop(void);

/* The next byte that the line received, or -1 when none waits. */
int32_t tritc_board_get(void);

/* Sends a byte, waiting while there is no room. */
void tritc_board_put(uint8_t byte);

/* Microseconds, wrapping at 2^32. */
uint32_t tritc_board_micros(void);

/*
 * The fastest counter of the board, wrapping at 2^32: the core's cycles where it counts them,
 * microseconds elsewhere. The name says which: "DWT", "CCOUNT", "mcycle", "micros".
 */
uint32_t tritc_board_ticks(void);
uint32_t tritc_board_ticks_per_second(void);
extern const char *const tritc_board_ticks_name;

/* The board's light; nothing happens on a board without one. */
void tritc_board_light(int on);

/* The program is done. Ends it where there is somebody to tell; a device goes on. */
void tritc_board_finish(int good);

/* Text, and numbers in decimal. */
void tritc_board_print(const char *text);
void tritc_board_print_unsigned(uint32_t number);
void tritc_board_print_signed(int32_t number);

#ifdef __cplusplus
}
#endif
#endif /* TRITC_BOARD_H */
