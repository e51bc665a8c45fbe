/* Raspberry Pi Pico C/C++ SDK, which ArduinoCore-mbed's RP2040 boards bring. */
#ifndef STUB_HARDWARE_GPIO_H
#define STUB_HARDWARE_GPIO_H
#include <stddef.h>
#include <stdint.h>
typedef unsigned int uint;
enum gpio_function { GPIO_FUNC_I2C = 3 };
void gpio_set_function(uint gpio, enum gpio_function function);
void gpio_pull_up(uint gpio);
#endif
