/*
 * An HM01B0 that sends its bits one by one to an RP2040 (Arducam's module and Pico4ML): a state
 * machine of the PIO takes a bit with each clock of the sensor, and DMA stores the bytes.
 *
 * The sensor stops its pixel clock between rows (gated clock), so that what arrives is the whole frame
 * without gaps, the sensor's border of spare pixels included. Registers: Himax, HM01B0 datasheet.
 */
#include <Arduino.h>
#include <hardware/dma.h>
#include <hardware/gpio.h>
#include <hardware/i2c.h>
#include <hardware/pio.h>

#include "app_camera.h"
#include "app_config.h"

#define SENSOR 0x24u
#define BUS_HZ 100000u
#define RESET_MS 200u

/* 162 x 122 of 160 x 120, binned, or 324 x 244 of 320 x 240: a border on every side. */
#define BINNED (CAMERA_WIDTH == 160u)
#define BORDER (BINNED ? 1u : 2u)
#define STRIDE (CAMERA_WIDTH + 2u * BORDER)
#define ROWS (CAMERA_HEIGHT + 2u * BORDER)

struct setting {
    uint16_t address;
    uint8_t value;
};

static const struct setting settings[] = {
    {0x3059, 0x22},                         /* one data line */
    {0x3060, 0x20},                         /* low bit first, pixel clock gated by the line */
    {0x0383, BINNED ? 0x03 : 0x01},         /* columns read out */
    {0x0387, BINNED ? 0x03 : 0x01},         /* rows read out */
    {0x0390, BINNED ? 0x03 : 0x00},         /* binning */
    {0x3010, 0x01},                         /* window of 324 x 244 */
    {0x0340, BINNED ? 0x00 : 0x01},         /* lines of a frame */
    {0x0341, BINNED ? 0x80 : 0x04},
    {0x0342, BINNED ? 0x00 : 0x01},         /* clocks of a line */
    {0x0343, BINNED ? 0xD7 : 0x78},
    {0x2100, 0x01},                         /* automatic exposure */
    {0x0104, 0x01},                         /* take all of these over */
    {0x0100, 0x01},                         /* stream */
};

static uint8_t buffer[STRIDE * ROWS];
static bool started = false;
static PIO const pio = pio0;
static uint machine;
static uint program_at;
static uint channel;

static bool write_register(uint16_t address, uint8_t value) {
    const uint8_t bytes[3] = {static_cast<uint8_t>(address >> 8),
                              static_cast<uint8_t>(address & 0xFFu), value};
    return i2c_write_blocking(i2c0, SENSOR, bytes, sizeof bytes, false) ==
           static_cast<int>(sizeof bytes);
}

static uint16_t read_model(void) {
    const uint8_t address[2] = {0, 0};
    uint8_t model[2] = {0, 0};
    if (i2c_write_blocking(i2c0, SENSOR, address, sizeof address, true) < 0 ||
        i2c_read_blocking(i2c0, SENSOR, model, sizeof model, false) < 0) {
        return 0;
    }
    return static_cast<uint16_t>((model[0] << 8) | model[1]);
}

/* Waits for the gap between frames, then takes a bit with every pixel clock. */
static void load_program(void) {
    static uint16_t instructions[5];
    pio_program_t program = {};
    program.instructions = instructions;
    program.length = sizeof instructions / sizeof instructions[0];
    program.origin = -1;
    instructions[0] = static_cast<uint16_t>(pio_encode_wait_gpio(false, CAMERA_PIN_VSYNC));
    instructions[1] = static_cast<uint16_t>(pio_encode_wait_gpio(true, CAMERA_PIN_VSYNC));
    instructions[2] = static_cast<uint16_t>(pio_encode_wait_gpio(true, CAMERA_PIN_PCLK));
    instructions[3] = static_cast<uint16_t>(pio_encode_in(pio_pins, 1));
    instructions[4] = static_cast<uint16_t>(pio_encode_wait_gpio(false, CAMERA_PIN_PCLK));
    program_at = pio_add_program(pio, &program);
}

static void claim_hardware(void) {
    static bool claimed = false;
    if (claimed) {
        return;
    }
    claimed = true;
    (void)i2c_init(i2c0, BUS_HZ);
    gpio_set_function(CAMERA_PIN_SDA, GPIO_FUNC_I2C);
    gpio_set_function(CAMERA_PIN_SCL, GPIO_FUNC_I2C);
    gpio_pull_up(CAMERA_PIN_SDA);
    gpio_pull_up(CAMERA_PIN_SCL);
    machine = static_cast<uint>(pio_claim_unused_sm(pio, true));
    channel = static_cast<uint>(dma_claim_unused_channel(true));
    load_program();
    static const uint pins[] = {CAMERA_PIN_D0, CAMERA_PIN_PCLK, CAMERA_PIN_VSYNC};
    for (const uint pin : pins) {
        pio_gpio_init(pio, pin);
        pio_sm_set_consecutive_pindirs(pio, machine, pin, 1, false);
    }
}

enum camera_result camera_start(uint32_t width, uint32_t height, enum tritc_pixels format) {
    const bool known = (width == 160u && height == 120u) || (width == 320u && height == 240u);
    if (!known || format != TRITC_GRAY8) {
        return CAMERA_NO_FORMAT;
    }
    claim_hardware();
    if (read_model() != 0x01B0u || !write_register(0x0103, 0x01)) {
        return CAMERA_ABSENT;
    }
    delay(RESET_MS);
    for (const struct setting &setting : settings) {
        if (!write_register(setting.address, setting.value)) {
            return CAMERA_ABSENT;
        }
    }
    started = true;
    return CAMERA_GOOD;
}

/* Each byte of eight bits stands in the highest byte of a word of the state machine's queue. */
static void begin_transfer(void) {
    pio_sm_config config = pio_get_default_sm_config();
    sm_config_set_wrap(&config, program_at + 2u, program_at + 4u);
    sm_config_set_in_pins(&config, CAMERA_PIN_D0);
    sm_config_set_in_shift(&config, true, true, 8);
    pio_sm_init(pio, machine, program_at, &config);
    dma_channel_config transfer = dma_channel_get_default_config(channel);
    channel_config_set_read_increment(&transfer, false);
    channel_config_set_write_increment(&transfer, true);
    channel_config_set_transfer_data_size(&transfer, DMA_SIZE_8);
    channel_config_set_dreq(&transfer, pio_get_dreq(pio, machine, false));
    const volatile uint8_t *queue = reinterpret_cast<const volatile uint8_t *>(&pio->rxf[machine]);
    dma_channel_configure(channel, &transfer, buffer, queue + 3, sizeof buffer, true);
    pio_sm_set_enabled(pio, machine, true);
}

enum camera_result camera_take(struct camera_frame *frame) {
    if (!started) {
        return CAMERA_ABSENT;
    }
    const unsigned long began = millis();
    begin_transfer();
    while (dma_channel_is_busy(channel) && millis() - began < APP_CAMERA_MS) {
    }
    const bool complete = !dma_channel_is_busy(channel);
    pio_sm_set_enabled(pio, machine, false);
    if (!complete) {
        dma_channel_abort(channel);
        return CAMERA_STOPPED;
    }
    frame->width = CAMERA_WIDTH;
    frame->height = CAMERA_HEIGHT;
    frame->format = TRITC_GRAY8;
    frame->pixels = &buffer[BORDER * STRIDE + BORDER];
    frame->bytes = CAMERA_WIDTH * CAMERA_HEIGHT;
    return CAMERA_GOOD;
}

const uint8_t *camera_row(const struct camera_frame *frame, uint32_t row) {
    return frame->pixels + row * STRIDE;
}

void camera_release(struct camera_frame *frame) {
    frame->pixels = nullptr;
}

void camera_stop(void) {
    if (started) {
        (void)write_register(0x0100, 0x00);
    }
    started = false;
}
