/* A sensor on an ESP32's camera interface: Espressif's esp32-camera, which its Arduino core brings. */
#include <Arduino.h>
#include <esp_camera.h>

#include "app_camera.h"
#include "app_config.h"

static bool started = false;
static camera_fb_t *taken = nullptr;

struct size {
    uint32_t width, height;
    framesize_t value;
};

static const struct size sizes[] = {
    {96, 96, FRAMESIZE_96X96},   {160, 120, FRAMESIZE_QQVGA}, {176, 144, FRAMESIZE_QCIF},
    {240, 176, FRAMESIZE_HQVGA}, {240, 240, FRAMESIZE_240X240}, {320, 240, FRAMESIZE_QVGA},
    {400, 296, FRAMESIZE_CIF},   {640, 480, FRAMESIZE_VGA},
};

static bool find_size(uint32_t width, uint32_t height, framesize_t *value) {
    for (const struct size &size : sizes) {
        if (size.width == width && size.height == height) {
            *value = size.value;
            return true;
        }
    }
    return false;
}

static bool find_format(enum tritc_pixels format, pixformat_t *value) {
    switch (format) {
    case TRITC_GRAY8:
        *value = PIXFORMAT_GRAYSCALE;
        return true;
    case TRITC_RGB565BE:
        *value = PIXFORMAT_RGB565;
        return true;
    case TRITC_YUYV:
        *value = PIXFORMAT_YUV422;
        return true;
    default:
        return false;
    }
}

enum camera_result camera_start(uint32_t width, uint32_t height, enum tritc_pixels format) {
    camera_config_t config = {};
    if (!find_size(width, height, &config.frame_size) ||
        !find_format(format, &config.pixel_format)) {
        return CAMERA_NO_FORMAT;
    }
    config.pin_pwdn = CAMERA_PIN_PWDN;
    config.pin_reset = CAMERA_PIN_RESET;
    config.pin_xclk = CAMERA_PIN_XCLK;
    config.pin_sccb_sda = CAMERA_PIN_SDA;
    config.pin_sccb_scl = CAMERA_PIN_SCL;
    config.pin_d0 = CAMERA_PIN_D0;
    config.pin_d1 = CAMERA_PIN_D1;
    config.pin_d2 = CAMERA_PIN_D2;
    config.pin_d3 = CAMERA_PIN_D3;
    config.pin_d4 = CAMERA_PIN_D4;
    config.pin_d5 = CAMERA_PIN_D5;
    config.pin_d6 = CAMERA_PIN_D6;
    config.pin_d7 = CAMERA_PIN_D7;
    config.pin_vsync = CAMERA_PIN_VSYNC;
    config.pin_href = CAMERA_PIN_HREF;
    config.pin_pclk = CAMERA_PIN_PCLK;
    config.xclk_freq_hz = 20000000;
    config.ledc_timer = LEDC_TIMER_0;
    config.ledc_channel = LEDC_CHANNEL_0;
    config.jpeg_quality = 12;
    /* With room for two frames the next one is taken while this one is being looked at. */
    const bool external = psramFound();
    config.fb_count = external ? 2 : 1;
    config.fb_location = external ? CAMERA_FB_IN_PSRAM : CAMERA_FB_IN_DRAM;
    config.grab_mode = external ? CAMERA_GRAB_LATEST : CAMERA_GRAB_WHEN_EMPTY;
    const esp_err_t error = esp_camera_init(&config);
    started = error == ESP_OK;
    if (started) {
        return CAMERA_GOOD;
    }
    return error == ESP_ERR_NO_MEM ? CAMERA_NO_MEMORY : CAMERA_ABSENT;
}

enum camera_result camera_take(struct camera_frame *frame) {
    if (!started) {
        return CAMERA_ABSENT;
    }
    taken = esp_camera_fb_get(); /* gives up after four seconds */
    if (taken == nullptr) {
        return CAMERA_STOPPED;
    }
    frame->width = static_cast<uint32_t>(taken->width);
    frame->height = static_cast<uint32_t>(taken->height);
    frame->format = taken->format == PIXFORMAT_GRAYSCALE ? TRITC_GRAY8
                    : taken->format == PIXFORMAT_RGB565  ? TRITC_RGB565BE
                                                         : TRITC_YUYV;
    frame->pixels = taken->buf;
    frame->bytes = static_cast<uint32_t>(taken->len);
    return CAMERA_GOOD;
}

const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row) {
    return frame->pixels + row * tritc_frame_row_bytes(frame->width, frame->format);
}

void camera_release(struct camera_frame *frame) {
    frame->pixels = nullptr;
    esp_camera_fb_return(taken);
    taken = nullptr;
}

void camera_stop(void) {
    if (started) {
        (void)esp_camera_deinit();
    }
    started = false;
}
