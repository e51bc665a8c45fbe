#include <Arduino.h>

volatile uint32_t CCM_CCGR3, SCB_AIRCR;
volatile uint16_t WDOG1_WCR, WDOG1_WSR, WDOG1_WMCR;

extern "C" unsigned long _heap_end;
extern "C" char *__brkval;
unsigned long _heap_end;
char *__brkval;
