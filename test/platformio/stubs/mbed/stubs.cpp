#include <Arduino.h>
#include <drivers/Watchdog.h>
#include <mbed_stats.h>

#include "camera.h"
#include "hardware/dma.h"
#include "hardware/i2c.h"
#include "hardware/pio.h"

/* What no compiler can see through: the hardware and its libraries. */
static volatile uint32_t hardware;

void NVIC_SystemReset(void) { hardware = 0; }
void mbed_stats_heap_get(mbed_stats_heap_t *stats) { stats->reserved_size = hardware; stats->current_size = hardware; }
mbed::Watchdog &mbed::Watchdog::get_instance() { static Watchdog watchdog; return watchdog; }
bool mbed::Watchdog::start(uint32_t timeout) { hardware = timeout; return true; }
void mbed::Watchdog::kick() { hardware = 0; }
uint32_t mbed::Watchdog::get_max_timeout() const { return hardware; }

FrameBuffer::FrameBuffer() { hardware = 0; }
uint32_t FrameBuffer::getBufferSize() { return hardware; }
uint8_t *FrameBuffer::getBuffer() { static uint8_t pixel; return &pixel; }
Camera::Camera(ImageSensor &) { hardware = 0; }
bool Camera::begin(int32_t resolution, int32_t pixformat, int32_t framerate) {
    return resolution + pixformat + framerate > static_cast<int32_t>(hardware);
}
int Camera::grabFrame(FrameBuffer &, uint32_t timeout) { return static_cast<int>(hardware + timeout); }

struct i2c_inst { uint32_t registers; };
i2c_inst_t i2c0_inst;
pio_hw_t pio0_hw;
void gpio_set_function(uint gpio, enum gpio_function function) { hardware = gpio + function; }
void gpio_pull_up(uint gpio) { hardware = gpio; }
uint i2c_init(i2c_inst_t *i2c, uint baudrate) { i2c->registers = baudrate; return baudrate; }
int i2c_write_blocking(i2c_inst_t *i2c, uint8_t address, const uint8_t *from, size_t count, bool nostop) {
    i2c->registers = address + from[0] + nostop;
    return static_cast<int>(count);
}
int i2c_read_blocking(i2c_inst_t *i2c, uint8_t address, uint8_t *to, size_t count, bool nostop) {
    to[0] = static_cast<uint8_t>(i2c->registers + address + nostop);
    return static_cast<int>(count);
}
uint pio_encode_wait_gpio(bool polarity, uint gpio) { return gpio + polarity; }
uint pio_encode_in(enum pio_src_dest source, uint count) { return source + count; }
uint pio_add_program(PIO pio, const pio_program_t *program) { pio->rxf[0] = program->length; return 0; }
int pio_claim_unused_sm(PIO pio, bool required) { return static_cast<int>(pio->rxf[0]) + required; }
void pio_gpio_init(PIO pio, uint pin) { pio->rxf[0] = pin; }
void pio_sm_set_consecutive_pindirs(PIO pio, uint sm, uint first, uint count, bool is_out) {
    pio->rxf[sm] = first + count + is_out;
}
pio_sm_config pio_get_default_sm_config(void) { return {hardware, 0, 0, 0}; }
void sm_config_set_wrap(pio_sm_config *config, uint target, uint wrap) { config->execctrl = target + wrap; }
void sm_config_set_in_pins(pio_sm_config *config, uint first) { config->pinctrl = first; }
void sm_config_set_in_shift(pio_sm_config *config, bool right, bool autopush, uint threshold) {
    config->shiftctrl = threshold + right + autopush;
}
void pio_sm_init(PIO pio, uint sm, uint initial_pc, const pio_sm_config *config) {
    pio->rxf[sm] = initial_pc + config->clkdiv;
}
void pio_sm_set_enabled(PIO pio, uint sm, bool enabled) { pio->rxf[sm] = enabled; }
uint pio_get_dreq(PIO pio, uint sm, bool is_tx) { return pio->rxf[sm] + is_tx; }
int dma_claim_unused_channel(bool required) { return static_cast<int>(hardware) + required; }
dma_channel_config dma_channel_get_default_config(uint channel) { return {channel}; }
void channel_config_set_read_increment(dma_channel_config *config, bool increment) { config->ctrl += increment; }
void channel_config_set_write_increment(dma_channel_config *config, bool increment) { config->ctrl += increment; }
void channel_config_set_transfer_data_size(dma_channel_config *config, enum dma_channel_transfer_size size) {
    config->ctrl += size;
}
void channel_config_set_dreq(dma_channel_config *config, uint dreq) { config->ctrl += dreq; }
void dma_channel_configure(uint channel, const dma_channel_config *config, volatile void *to,
                           const volatile void *from, uint count, bool trigger) {
    *static_cast<volatile uint8_t *>(to) = *static_cast<const volatile uint8_t *>(from);
    hardware = channel + config->ctrl + count + trigger;
}
bool dma_channel_is_busy(uint channel) { return hardware == channel; }
void dma_channel_abort(uint channel) { hardware = channel; }
