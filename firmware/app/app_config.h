/* What board_config.h decides, and what holds where it does not. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "board_config.h"

/* The frames that the camera shall give: needed. */
#if !defined(CAMERA_WIDTH) || !defined(CAMERA_HEIGHT) || !defined(CAMERA_FORMAT)
#error "board_config.h must define CAMERA_WIDTH, CAMERA_HEIGHT and CAMERA_FORMAT (of tritc_pixels)"
#endif

/* Bits a second of the serial line. */
#ifndef APP_BAUD
#define APP_BAUD 115200
#endif

/* The class that lights the LED, and the pin: none without APP_LED_PIN. */
#ifndef APP_LED_CLASS
#define APP_LED_CLASS 1u
#endif
#ifndef APP_LED_ON
#define APP_LED_ON 1 /* level of the pin: 0 for an LED between the pin and the supply */
#endif

/* A class counts once most of so many frames show it; 1 means that each frame counts at once. */
#ifndef APP_SMOOTH_FRAMES
#define APP_SMOOTH_FRAMES 5u
#endif

/* Every so many frames the picture is sent, too; 0 for never. */
#ifndef APP_DUMP_EVERY
#define APP_DUMP_EVERY 0u
#endif

/* How often a camera that gives no frame is started anew before the board is. */
#ifndef APP_CAMERA_TRIES
#define APP_CAMERA_TRIES 3u
#endif

/* How long the camera may take for a frame, and the whole application from one to the next. */
#ifndef APP_CAMERA_MS
#define APP_CAMERA_MS 2000u
#endif
#ifndef APP_WATCHDOG_MS
#define APP_WATCHDOG_MS 8000u /* the RP2040 counts to no more than 8388 */
#endif

#endif /* APP_CONFIG_H */
