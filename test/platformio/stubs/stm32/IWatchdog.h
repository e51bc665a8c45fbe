/* https://github.com/stm32duino/Arduino_Core_STM32, libraries/IWatchdog. Microseconds. */
#ifndef STUB_IWATCHDOG_H
#define STUB_IWATCHDOG_H
#include <stdint.h>
class IWatchdogClass {
  public:
    void begin(uint32_t timeout, uint32_t window = 0xFFFFFFFFu);
    void reload(void);
};
extern IWatchdogClass IWatchdog;
#endif
