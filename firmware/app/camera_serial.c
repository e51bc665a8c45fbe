/*
 * Frames that a workstation sends over the board's serial line, for boards without a camera and for
 * tests: `tritc monitor --send`. The device asks for a frame by a line of JSON, and again when it hears
 * a question mark. The frame is used row by row, so that it need not fit RAM. Numbers are little-endian:
 *
 *   0xF5 'F', width (2 bytes), height (2), pixel format (1: enum tritc_pixels), pixels,
 *   CRC-32 of IEEE 802.3 of all of these but the first two
 *   0xF5 'E'  there are no more
 */
#include "app_camera.h"
#include "app_config.h"
#include "app_line.h"
#include "tritc_board.h"

#define START 0xF5
#define HEAD 5u
#define CHECK 4u

static uint8_t row_bytes[CAMERA_WIDTH * 3u];
static uint32_t crc;
static uint32_t left; /* bytes of the frame and its check that have not come yet */

static const char *const formats[] = {
    "gray8", "rgb888", "rgb565le", "rgb565be", "yuyv", "uyvy",
};

enum camera_result camera_start(uint32_t width, uint32_t height, enum tritc_pixels format) {
    (void)height;
    left = 0;
    return tritc_frame_row_bytes(width, format) <= sizeof row_bytes ? CAMERA_GOOD
                                                                    : CAMERA_NO_FORMAT;
}

void camera_stop(void) {
}

/* The next byte, or -1 when none came in time. */
static int32_t next_byte(void) {
    const uint32_t started = tritc_board_micros();
    int32_t byte;
    do {
        byte = tritc_board_get();
    } while (byte < 0 && tritc_board_micros() - started < 1000u * APP_CAMERA_MS);
    return byte;
}

static int read_bytes(uint8_t *to, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const int32_t byte = next_byte();
        if (byte < 0) {
            left = 0;
            return 0;
        }
        to[i] = (uint8_t)byte;
        left--;
        crc ^= (uint32_t)byte;
        for (uint32_t bit = 0; bit < 8u; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
        }
    }
    return 1;
}

static void ask(void) {
    line_begin("want");
    line_text("frame");
    line_member("of");
    line_open('[');
    line_unsigned(CAMERA_WIDTH);
    line_comma();
    line_unsigned(CAMERA_HEIGHT);
    line_close(']');
    line_member("format");
    line_text(formats[CAMERA_FORMAT]);
    line_end();
}

enum camera_result camera_take(struct camera_frame *frame) {
    uint8_t head[HEAD];
    int32_t byte;
    ask();
    do {
        byte = next_byte();
        if (byte < 0) {
            return CAMERA_STOPPED;
        }
        if (byte == '?') {
            ask(); /* somebody came who had not heard it */
        }
    } while (byte != START);
    byte = next_byte();
    if (byte == 'E') {
        return CAMERA_END;
    }
    crc = 0xFFFFFFFFu;
    left = HEAD;
    if (byte != 'F' || !read_bytes(head, HEAD)) {
        return CAMERA_DAMAGED;
    }
    frame->width = (uint32_t)head[0] | ((uint32_t)head[1] << 8);
    frame->height = (uint32_t)head[2] | ((uint32_t)head[3] << 8);
    frame->format = (enum tritc_pixels)head[4];
    frame->pixels = 0;
    frame->bytes = tritc_frame_row_bytes(frame->width, frame->format) * frame->height;
    left = frame->bytes + CHECK;
    return CAMERA_GOOD;
}

static int is_right(void) {
    const uint32_t computed = ~crc;
    uint8_t check[CHECK];
    uint32_t sent = 0;
    if (!read_bytes(check, CHECK)) {
        return 0;
    }
    for (uint32_t i = 0; i < CHECK; i++) {
        sent |= (uint32_t)check[i] << (8u * i);
    }
    return sent == computed;
}

const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row) {
    const uint32_t bytes = tritc_frame_row_bytes(frame->width, frame->format);
    if (bytes > sizeof row_bytes || !read_bytes(row_bytes, bytes)) {
        return 0;
    }
    return row + 1u < frame->height || is_right() ? row_bytes : 0;
}

/* What nobody asked for still has to leave the line. */
void camera_release(struct camera_frame *frame) {
    uint8_t byte;
    (void)frame;
    while (left > 0u && read_bytes(&byte, 1u)) {
    }
}
