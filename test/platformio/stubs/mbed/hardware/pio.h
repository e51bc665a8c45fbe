#ifndef STUB_HARDWARE_PIO_H
#define STUB_HARDWARE_PIO_H
#include "hardware/gpio.h"
typedef struct {
    volatile uint32_t rxf[4];
} pio_hw_t;
typedef pio_hw_t *PIO;
extern pio_hw_t pio0_hw;
#define pio0 (&pio0_hw)
typedef struct pio_program {
    const uint16_t *instructions;
    uint8_t length;
    int8_t origin;
} pio_program_t;
typedef struct {
    uint32_t clkdiv, execctrl, shiftctrl, pinctrl;
} pio_sm_config;
enum pio_src_dest { pio_pins = 0 };
uint pio_encode_wait_gpio(bool polarity, uint gpio);
uint pio_encode_in(enum pio_src_dest source, uint count);
uint pio_add_program(PIO pio, const pio_program_t *program);
int pio_claim_unused_sm(PIO pio, bool required);
void pio_gpio_init(PIO pio, uint pin);
void pio_sm_set_consecutive_pindirs(PIO pio, uint sm, uint first, uint count, bool is_out);
pio_sm_config pio_get_default_sm_config(void);
void sm_config_set_wrap(pio_sm_config *config, uint target, uint wrap);
void sm_config_set_in_pins(pio_sm_config *config, uint first);
void sm_config_set_in_shift(pio_sm_config *config, bool right, bool autopush, uint threshold);
void pio_sm_init(PIO pio, uint sm, uint initial_pc, const pio_sm_config *config);
void pio_sm_set_enabled(PIO pio, uint sm, bool enabled);
uint pio_get_dreq(PIO pio, uint sm, bool is_tx);
#endif
