/* What ArduinoCore-mbed's Arduino.h adds, by way of CMSIS. */
#ifndef STUB_MBED_ARDUINO_H
#define STUB_MBED_ARDUINO_H
#include_next <Arduino.h>
void NVIC_SystemReset(void);
#endif
