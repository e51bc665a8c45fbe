/*
 * The camera application: capture, prepare, infer, smooth, act, for ever. docs/camera.md of tritc
 * describes the lines that it prints.
 */
#include "app_act.h"
#include "app_camera.h"
#include "app_config.h"
#include "app_line.h"
#include "app_model.h"
#include "app_smooth.h"
#include "app_system.h"
#include "tritc_board.h"

static const char *const labels[APP_MODEL_CLASSES] = APP_MODEL_LABELS;
static const char *const result_names[] = {
    "good", "absent", "no-memory", "no-format", "stopped", "damaged", "size", "end",
};

static app_model_frame_t picture;
static struct smooth smooth = {SMOOTH_NONE, 0, 0, {0}};

static uint32_t frames = 0;   /* classified */
static uint32_t damaged = 0;  /* frames that came, and not whole */
static uint32_t resized = 0;  /* frames of another size or format */
static uint32_t failures = 0; /* since the last good frame */
static int picture_wanted = 0;

/* Microseconds of the stages of one frame; sending its picture counts in none of them. */
struct times {
    uint32_t capture, prepare, infer;
};

static void say_hello(void) {
    line_begin("model");
    line_text(APP_MODEL_NAME);
    line_member("network");
    line_text(APP_MODEL_FINGERPRINT);
    line_member("classes");
    line_open('[');
    for (uint32_t i = 0; i < APP_MODEL_CLASSES; i++) {
        if (i > 0u) {
            line_comma();
        }
        line_text(labels[i]);
    }
    line_close(']');
    line_member("camera");
    line_open('[');
    line_unsigned(CAMERA_WIDTH);
    line_comma();
    line_unsigned(CAMERA_HEIGHT);
    line_close(']');
    line_member("picture");
    line_open('[');
    line_unsigned(APP_MODEL_WIDTH);
    line_comma();
    line_unsigned(APP_MODEL_HEIGHT);
    line_comma();
    line_unsigned(APP_MODEL_CHANNELS);
    line_close(']');
    line_end();
}

static void say_error(enum camera_result result) {
    line_begin("error");
    line_text(result_names[result]);
    line_member("failures");
    line_unsigned(failures);
    line_member("damaged");
    line_unsigned(damaged);
    line_member("resized");
    line_unsigned(resized);
    line_end();
}

/* A row of the picture: the network's view, in 8 bits. */
static void say_row(uint32_t row) {
    line_begin("picture");
    line_unsigned(frames);
    line_member("row");
    line_unsigned(row);
    line_member("of");
    line_open('[');
    line_unsigned(APP_MODEL_WIDTH);
    line_comma();
    line_unsigned(APP_MODEL_HEIGHT);
    line_comma();
    line_unsigned(APP_MODEL_CHANNELS);
    line_close(']');
    line_member("data");
    line_base64(picture.row, APP_MODEL_WIDTH * APP_MODEL_CHANNELS);
    line_end();
}

static void say_class(uint32_t seen, int32_t steady, const struct times *times) {
    const app_model_output_t *output = app_model_output();
    line_begin("frame");
    line_unsigned(frames);
    line_member("class");
    line_unsigned(seen);
    line_member("label");
    line_text(labels[seen]);
    line_member("score");
    line_number(app_model_score(output, seen));
    line_member("steady");
    line_number(steady);
    line_member("us");
    line_open('{');
    line_member("capture");
    line_unsigned(times->capture);
    line_member("prepare");
    line_unsigned(times->prepare);
    line_member("infer");
    line_unsigned(times->infer);
    line_close('}');
    line_member("free");
    line_unsigned(system_free_ram());
    line_end();
}

static int picture_is_due(void) {
#if APP_PICTURE_EVERY > 0
    if (frames % APP_PICTURE_EVERY == 0u) {
        return 1;
    }
#endif
    return picture_wanted;
}

/* Fills the network's input from the frame. Fetching a row counts as capture. */
static enum camera_result prepare(const struct camera_frame *frame, struct times *times) {
    const uint32_t started = tritc_board_micros();
    const int send = picture_is_due();
    uint32_t fetching = 0;
    uint32_t sending = 0;
    uint32_t rows = 0;
    if (!app_model_frame_begin(&picture, frame->width, frame->height, frame->format)) {
        return CAMERA_SIZE;
    }
    for (uint32_t y = 0; y < frame->height; y++) {
        const uint32_t asked = tritc_board_micros();
        const uint8_t *row = camera_row(frame, y);
        if (row == 0) {
            return CAMERA_DAMAGED;
        }
        fetching += tritc_board_micros() - asked;
        app_model_frame_add(&picture, row);
        for (; app_model_frame_take(&picture, app_model_input()); rows++) {
            const uint32_t before = tritc_board_micros();
            if (send) {
                say_row(rows);
            }
            sending += tritc_board_micros() - before;
        }
    }
    picture_wanted = 0;
    times->capture += fetching;
    times->prepare = tritc_board_micros() - started - fetching - sending;
    return CAMERA_GOOD;
}

static int is_wanted(const struct camera_frame *frame) {
    return frame->width == CAMERA_WIDTH && frame->height == CAMERA_HEIGHT &&
           frame->format == CAMERA_FORMAT;
}

/* Takes a frame and fills the network's input from it. */
static enum camera_result look(struct times *times) {
    const uint32_t started = tritc_board_micros();
    struct camera_frame frame;
    enum camera_result result = camera_take(&frame);
    if (result != CAMERA_GOOD) {
        return result;
    }
    times->capture = tritc_board_micros() - started;
    if (!is_wanted(&frame)) {
        result = CAMERA_SIZE;
    } else if (frame.bytes < tritc_frame_row_bytes(frame.width, frame.format) * frame.height) {
        result = CAMERA_DAMAGED;
    } else {
        result = prepare(&frame, times);
    }
    camera_release(&frame);
    return result;
}

static void classify(struct times *times) {
    const uint32_t started = tritc_board_micros();
    const int32_t before = smooth.steady;
    app_model_output_t *output = app_model_output();
    uint32_t seen;
    int32_t steady;
    app_model_run(app_model_input(), output);
    times->infer = tritc_board_micros() - started;
    seen = app_model_class(output);
    steady = smooth_add(&smooth, seen);
    app_act(steady, steady != before);
    say_class(seen, steady, times);
    frames++;
}

/* Starts the camera anew, and the board when that has not helped often enough. */
static void recover(enum camera_result result) {
    failures++;
    damaged += result == CAMERA_DAMAGED ? 1u : 0u;
    resized += result == CAMERA_SIZE ? 1u : 0u;
    say_error(result);
    if (failures > APP_CAMERA_TRIES) {
        system_restart();
        failures = 0;
    }
    camera_stop();
    (void)camera_start(CAMERA_WIDTH, CAMERA_HEIGHT, CAMERA_FORMAT);
}

/* '?' asks who this is, 'p' for the picture of the next frame. */
static void hear(void) {
#ifndef CAMERA_ON_SERIAL
    int32_t byte;
    while ((byte = tritc_board_get()) >= 0) {
        if (byte == '?') {
            say_hello();
        } else if (byte == 'p') {
            picture_wanted = 1;
        }
    }
#endif
}

void tritc_setup(void) {
    enum camera_result result;
    system_watchdog_start(APP_WATCHDOG_MS);
    say_hello();
    result = camera_start(CAMERA_WIDTH, CAMERA_HEIGHT, CAMERA_FORMAT);
    if (result != CAMERA_GOOD) {
        recover(result);
    }
}

void tritc_loop(void) {
    struct times times = {0, 0, 0};
    enum camera_result result;
    hear();
    result = look(&times);
    if (result == CAMERA_GOOD) {
        failures = 0;
        classify(&times);
    } else if (result == CAMERA_END) {
        tritc_board_finish(1);
    } else {
        recover(result);
    }
    system_watchdog_feed();
}
