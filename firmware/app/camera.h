/*
 * A camera, or what stands in for one. One driver of camera/ is compiled for each board; what it shall
 * give stands in board_config.h.
 */
#ifndef CAMERA_H
#define CAMERA_H

#include <stdint.h>

#include "tritc_frame.h"

#ifdef __cplusplus
extern "C" {
#endif

enum camera_status {
    CAMERA_OK,
    CAMERA_ABSENT,    /* nothing answers: wiring, power, another sensor */
    CAMERA_NO_MEMORY, /* for a frame of that size */
    CAMERA_NO_FORMAT, /* the driver does not give that size or format */
    CAMERA_STOPPED,   /* no frame came in time */
    CAMERA_END        /* a recorded source has no more frames */
};

struct camera_frame {
    uint32_t width;  /* pixels */
    uint32_t height;
    enum tritc_pixels format;
    const uint8_t *pixels; /* all rows, or 0 where camera_row fetches them one by one */
    uint32_t bytes;        /* that the driver gave: fewer than the size says when it was cut off */
};

/* Powers the sensor up and sets it to frames of that size and format. May be called again after
 * camera_stop. */
enum camera_status camera_start(uint32_t width, uint32_t height, enum tritc_pixels format);

/* Waits for the next frame. After CAMERA_OK it is ours until camera_release. */
enum camera_status camera_take(struct camera_frame *frame);

/* A row of the frame taken, each row once and in order; valid until the next call. 0 when the frame
 * broke off. */
const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row);

/* Gives the frame back to the driver. */
void camera_release(struct camera_frame *frame);

/* Powers the sensor down as far as the driver can, so that camera_start begins from nothing. */
void camera_stop(void);

#ifdef __cplusplus
}
#endif
#endif /* CAMERA_H */
