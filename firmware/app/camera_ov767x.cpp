/*
 * An OV7675 or OV7670 on a Nano 33 BLE: the library Arduino_OV767X. It waits for the sensor with
 * interrupts off and without an end: a sensor that stops is a matter of the watchdog.
 */
#include <Arduino.h>
#include <Arduino_OV767X.h>

#include "app_camera.h"
#include "app_config.h"

#define FRAMES_A_SECOND 5 /* what a Nano 33 BLE can read; the library knows 1 and 5 */

static uint8_t buffer[CAMERA_WIDTH * CAMERA_HEIGHT * (CAMERA_FORMAT == TRITC_GRAY8 ? 1u : 2u)];
static bool started = false;

static int resolution_of(uint32_t width, uint32_t height) {
    if (width == 160u && height == 120u) {
        return QQVGA;
    }
    if (width == 176u && height == 144u) {
        return QCIF;
    }
    return width == 320u && height == 240u ? QVGA : -1;
}

static int format_of(enum tritc_pixels format) {
    switch (format) {
    case TRITC_GRAY8:
        return GRAYSCALE;
    case TRITC_RGB565BE:
        return RGB565;
    case TRITC_YUYV:
        return YUV422;
    default:
        return -1;
    }
}

enum camera_result camera_start(uint32_t width, uint32_t height, enum tritc_pixels format) {
    const int resolution = resolution_of(width, height);
    const int pixels = format_of(format);
    if (resolution < 0 || pixels < 0) {
        return CAMERA_NO_FORMAT;
    }
    started = Camera.begin(resolution, pixels, FRAMES_A_SECOND) != 0;
    return started ? CAMERA_GOOD : CAMERA_ABSENT;
}

enum camera_result camera_take(struct camera_frame *frame) {
    if (!started) {
        return CAMERA_ABSENT;
    }
    Camera.readFrame(buffer);
    frame->width = static_cast<uint32_t>(Camera.width());
    frame->height = static_cast<uint32_t>(Camera.height());
    frame->format = CAMERA_FORMAT;
    frame->pixels = buffer;
    frame->bytes = sizeof buffer;
    return CAMERA_GOOD;
}

const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row) {
    return frame->pixels + row * tritc_frame_row_bytes(frame->width, frame->format);
}

void camera_release(struct camera_frame *frame) {
    frame->pixels = nullptr;
}

void camera_stop(void) {
    if (started) {
        Camera.end();
    }
    started = false;
}
