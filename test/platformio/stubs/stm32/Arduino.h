/* What STM32duino's Arduino.h adds, by way of CMSIS. */
#ifndef STUB_STM32_ARDUINO_H
#define STUB_STM32_ARDUINO_H
#include_next <Arduino.h>
void NVIC_SystemReset(void);
#endif
