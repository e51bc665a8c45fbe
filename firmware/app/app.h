/*
 * The camera application: capture, prepare, infer, smooth, act, for ever. docs/camera.md describes the
 * lines that it prints.
 *
 * It is made of app*.c, one driver of camera/, one file of board/, the model, and two headers
 * of the project:
 *   app_model.h     the model, under names that the application knows; written by tritc
 *   board_config.h  the board: see app_config.h for what may stand in it
 */
#ifndef APP_H
#define APP_H

#ifdef __cplusplus
extern "C" {
#endif

/* Starts board, watchdog and camera, and says who it is. Arduino's setup() calls it. */
void app_start(void);

/* One frame. Arduino's loop() calls it. Returns 0 when a recorded source has no more frames. */
int app_step(void);

#ifdef __cplusplus
}
#endif
#endif /* APP_H */
