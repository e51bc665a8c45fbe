/* What board_config.h decides, and what holds where it does not. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "board_config.h"

/* The frames that the camera shall give: needed. CAMERA_FORMAT is one of tritc_pixels. */
#if !defined(CAMERA_WIDTH) || !defined(CAMERA_HEIGHT) || !defined(CAMERA_FORMAT)
#error "board_config.h must define CAMERA_WIDTH, CAMERA_HEIGHT and CAMERA_FORMAT"
#endif

/* The class that lights the board's light. */
#ifndef APP_LIGHT_CLASS
#define APP_LIGHT_CLASS 1
#endif

/* A class counts once more than half of so many frames show it; 1: each frame counts at once. */
#ifndef APP_SMOOTH_FRAMES
#define APP_SMOOTH_FRAMES 5u
#endif

/* Every so many frames the picture is sent, too; 0: only when asked for. */
#ifndef APP_PICTURE_EVERY
#define APP_PICTURE_EVERY 0
#endif

/* How often a camera that gives no good frame is started anew before the board is. */
#ifndef APP_CAMERA_TRIES
#define APP_CAMERA_TRIES 3u
#endif

/* How long the camera may take for a frame. Emulated time passes faster than a workstation answers. */
#ifndef APP_CAMERA_MS
#ifdef TRITC_EMULATED
#define APP_CAMERA_MS 600000u
#else
#define APP_CAMERA_MS 2000u
#endif
#endif

/* How long the application may take from one frame to the next. An RP2040 counts to 8388. */
#ifndef APP_WATCHDOG_MS
#define APP_WATCHDOG_MS 8000u
#endif

#endif /* APP_CONFIG_H */
