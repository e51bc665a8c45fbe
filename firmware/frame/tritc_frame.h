/*
 * A camera's frame, row by row, to the 8-bit picture that a network looks at: a centred crop of the
 * network's aspect, converted to its channels and resized. Integers only, the same on every core;
 * docs/camera.md defines every bit.
 *
 * A model's own NAME_frame.h adds the last step, from 8-bit values to the network's input.
 */
#ifndef TRITC_FRAME_H
#define TRITC_FRAME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a frame's pixels lie in memory, row after row without gaps. */
enum tritc_pixels {
    TRITC_GRAY8,    /* one byte a pixel */
    TRITC_RGB888,   /* red, green, blue */
    TRITC_RGB565LE, /* rrrrrggg gggbbbbb as a 16-bit number, its low byte first */
    TRITC_RGB565BE, /* the same, its high byte first: what most sensors send */
    TRITC_YUYV,     /* two pixels in four bytes: Y0 U Y1 V; an even number of pixels in a row */
    TRITC_UYVY      /* U Y0 V Y1 */
};

#define TRITC_FRAME_LARGEST 4096u /* pixels of a side: sums of a whole frame fit 32 bits */

/* What a model needs to know of the frame being read. All of it belongs to tritc_frame.c. */
struct tritc_frame {
    enum tritc_pixels format;
    uint32_t height; /* of the frame */
    uint32_t left, top, crop_width, crop_height;
    uint32_t width_out, height_out, channels; /* of the picture */
    uint32_t next;        /* row of the frame that comes next */
    uint32_t done;        /* rows of the picture that are complete */
    uint32_t row_left;    /* what the last row of the frame still has to give */
    uint32_t output_left; /* what the row of the picture still needs */
    uint32_t total;       /* weight of all that goes into one element */
    uint32_t *across;     /* of the last row: sums, one for each element of a row of the picture */
    uint32_t *down;       /* the same over several rows */
};

/* Bytes of one row of a frame. */
uint32_t tritc_frame_row_bytes(uint32_t width, enum tritc_pixels format);

/*
 * Begins a frame of width x height pixels. The picture has 1 or 3 channels; `across` and `down` are
 * memory for width_out * channels numbers each, in use until the frame's last row. Returns 0 for a
 * frame that cannot be read: a side of 0 or of more than TRITC_FRAME_LARGEST pixels, or an odd width
 * where two pixels share their colour.
 */
int tritc_frame_begin(struct tritc_frame *frame, uint32_t width, uint32_t height,
                      enum tritc_pixels format);

/* Takes the next row of the frame, the topmost first. Rows behind the last one are ignored. */
void tritc_frame_add(struct tritc_frame *frame, const uint8_t *pixels);

/*
 * Gives the next row of the picture where the rows added so far complete it: writes its
 * width_out * channels values and returns 1. Otherwise returns 0: add the next row. After each row of
 * the frame, call it until it returns 0.
 */
int tritc_frame_take(struct tritc_frame *frame, uint8_t *row);

#ifdef __cplusplus
}
#endif
#endif /* TRITC_FRAME_H */
