#ifndef STUB_HARDWARE_I2C_H
#define STUB_HARDWARE_I2C_H
#include "hardware/gpio.h"
typedef struct i2c_inst i2c_inst_t;
extern i2c_inst_t i2c0_inst;
#define i2c0 (&i2c0_inst)
uint i2c_init(i2c_inst_t *i2c, uint baudrate);
int i2c_write_blocking(i2c_inst_t *i2c, uint8_t address, const uint8_t *from, size_t count, bool nostop);
int i2c_read_blocking(i2c_inst_t *i2c, uint8_t address, uint8_t *to, size_t count, bool nostop);
#endif
