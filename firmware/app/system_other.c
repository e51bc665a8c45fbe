/* app_system.h where no Arduino core is: on a workstation, on emulated boards. */
#ifndef ARDUINO

#include "app_system.h"

#include "tritc_board.h"

uint32_t system_free_ram(void) {
    return 0;
}

void system_watchdog_start(uint32_t milliseconds) {
    (void)milliseconds;
}

void system_watchdog_feed(void) {
}

void system_restart(void) {
    tritc_board_finish(0);
}

#endif /* ARDUINO */
