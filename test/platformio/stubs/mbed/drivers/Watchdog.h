/* https://os.mbed.com/docs/mbed-os/v6.16/apis/watchdog.html */
#ifndef STUB_WATCHDOG_H
#define STUB_WATCHDOG_H
#include <stdint.h>
namespace mbed {
class Watchdog {
  public:
    static Watchdog &get_instance();
    bool start(uint32_t timeout);
    void kick();
    uint32_t get_max_timeout() const;
};
}
#endif
