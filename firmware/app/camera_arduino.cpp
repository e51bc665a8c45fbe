/* The camera of a Nicla Vision, or a Portenta's vision shield: the library Camera of Arduino's core. */
#include <Arduino.h>
#include <camera.h>
#ifdef ARDUINO_NICLA_VISION
#include <gc2145.h>
#else
#include <himax.h>
#endif

#include "app_camera.h"
#include "app_config.h"

#ifdef ARDUINO_NICLA_VISION
static GC2145 sensor;
#else
static HM01B0 sensor;
#endif
static Camera camera(sensor);
static FrameBuffer buffer;
static bool started = false;

static int32_t resolution_of(uint32_t width, uint32_t height) {
    if (width == 160u && height == 120u) {
        return CAMERA_R160x120;
    }
    if (width == 320u && height == 240u) {
        return CAMERA_R320x240;
    }
    if (width == 320u && height == 320u) {
        return CAMERA_R320x320;
    }
    return width == 640u && height == 480u ? CAMERA_R640x480 : -1;
}

/* Colours come with the high byte first. */
static int32_t format_of(enum tritc_pixels format) {
    return format == TRITC_GRAY8 ? CAMERA_GRAYSCALE : format == TRITC_RGB565BE ? CAMERA_RGB565 : -1;
}

enum camera_result camera_start(uint32_t width, uint32_t height, enum tritc_pixels format) {
    const int32_t resolution = resolution_of(width, height);
    const int32_t pixels = format_of(format);
    if (resolution < 0 || pixels < 0) {
        return CAMERA_NO_FORMAT;
    }
    started = camera.begin(resolution, pixels, 30);
    return started ? CAMERA_GOOD : CAMERA_ABSENT;
}

enum camera_result camera_take(struct camera_frame *frame) {
    if (!started) {
        return CAMERA_ABSENT;
    }
    if (camera.grabFrame(buffer, APP_CAMERA_MS) != 0) {
        return CAMERA_STOPPED;
    }
    frame->width = CAMERA_WIDTH;
    frame->height = CAMERA_HEIGHT;
    frame->format = CAMERA_FORMAT;
    frame->pixels = buffer.getBuffer();
    frame->bytes = buffer.getBufferSize();
    return CAMERA_GOOD;
}

const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row) {
    return frame->pixels + row * tritc_frame_row_bytes(frame->width, frame->format);
}

void camera_release(struct camera_frame *frame) {
    frame->pixels = nullptr;
}

void camera_stop(void) {
    started = false; /* begin() resets the sensor */
}
