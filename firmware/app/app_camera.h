/*
 * A camera, or what stands in for one: one of the files camera_*.c and camera_*.cpp is compiled for
 * each board. Pins stand in board_config.h.
 */
#ifndef APP_CAMERA_H
#define APP_CAMERA_H

#include <stdint.h>

#include "tritc_frame.h"

#ifdef __cplusplus
extern "C" {
#endif

enum camera_result {
    CAMERA_GOOD,
    CAMERA_ABSENT,    /* nothing answers: wiring, power, another sensor */
    CAMERA_NO_MEMORY, /* for a frame of that size */
    CAMERA_NO_FORMAT, /* the driver does not give that size or format */
    CAMERA_STOPPED,   /* no frame came in time */
    CAMERA_DAMAGED,   /* a frame came, and not all of it */
    CAMERA_SIZE,      /* a frame of another size or format came */
    CAMERA_END        /* a recorded source has no more frames */
};

struct camera_frame {
    uint32_t width; /* pixels */
    uint32_t height;
    enum tritc_pixels format;
    const uint8_t *pixels; /* the first row; 0 where only camera_row fetches them */
    uint32_t bytes;        /* that came; fewer than the size says when the frame was cut off */
};

/* Powers the sensor up and sets it to frames of that size and format. */
enum camera_result camera_start(uint32_t width, uint32_t height, enum tritc_pixels format);

/* Waits for the next frame. After CAMERA_GOOD it is the caller's until camera_release. */
enum camera_result camera_take(struct camera_frame *frame);

/* A row of the frame, each once and in order, valid until the next call; 0 when the frame broke off. */
const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row);

/* Gives the frame back. */
void camera_release(struct camera_frame *frame);

/* Powers the sensor down as far as the driver can, so that camera_start begins from nothing. */
void camera_stop(void);

#ifdef __cplusplus
}
#endif
#endif /* APP_CAMERA_H */
