/* What Teensyduino's Arduino.h adds of imxrt.h. */
#ifndef STUB_TEENSY_ARDUINO_H
#define STUB_TEENSY_ARDUINO_H
#include_next <Arduino.h>
extern volatile uint32_t CCM_CCGR3, SCB_AIRCR;
extern volatile uint16_t WDOG1_WCR, WDOG1_WSR, WDOG1_WMCR;
#define CCM_CCGR_ON 3
#define CCM_CCGR3_WDOG1(n) ((uint32_t)(((n)&0x03) << 16))
#define WDOG_WCR_WT(n) ((uint16_t)(((n)&0xFF) << 8))
#define WDOG_WCR_WDA ((uint16_t)(1 << 5))
#define WDOG_WCR_SRS ((uint16_t)(1 << 4))
#define WDOG_WCR_WDE ((uint16_t)(1 << 2))
#endif
