/* What the application asks of a board beyond tritc_board.h. */
#ifndef APP_SYSTEM_H
#define APP_SYSTEM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of RAM that nothing uses; 0 where the board cannot tell. */
uint32_t system_free_ram(void);

/* From now on the board restarts unless the watchdog is fed every so many milliseconds. Boards without
 * a watchdog that is known here go on. */
void system_watchdog_start(uint32_t milliseconds);
void system_watchdog_feed(void);

/* Restarts the board. Returns where nothing can. */
void system_restart(void);

#ifdef __cplusplus
}
#endif
#endif /* APP_SYSTEM_H */
