/* app_system.h with an Arduino core: each has its own watchdog and its own way to count memory. */
#ifdef ARDUINO

#include <Arduino.h>

#include "app_system.h"

#if defined(ARDUINO_ARCH_ESP32)

#include <esp_idf_version.h>
#include <esp_task_wdt.h>

uint32_t system_free_ram(void) {
    return ESP.getFreeHeap();
}

void system_watchdog_start(uint32_t milliseconds) {
#if ESP_IDF_VERSION_MAJOR >= 5
    esp_task_wdt_config_t config = {};
    config.timeout_ms = milliseconds;
    config.trigger_panic = true;
    /* The Arduino core may have started it already. */
    if (esp_task_wdt_init(&config) != ESP_OK) {
        (void)esp_task_wdt_reconfigure(&config);
    }
#else
    (void)esp_task_wdt_init((milliseconds + 999u) / 1000u, true);
#endif
    (void)esp_task_wdt_add(nullptr);
}

void system_watchdog_feed(void) {
    (void)esp_task_wdt_reset();
}

void system_restart(void) {
    ESP.restart();
}

#elif defined(ARDUINO_ARCH_MBED)

#include <drivers/Watchdog.h>
#include <mbed_stats.h>

/* Nothing where the core was built without heap statistics. */
uint32_t system_free_ram(void) {
    mbed_stats_heap_t heap;
    mbed_stats_heap_get(&heap);
    return heap.reserved_size - heap.current_size;
}

void system_watchdog_start(uint32_t milliseconds) {
    mbed::Watchdog &watchdog = mbed::Watchdog::get_instance();
    const uint32_t most = watchdog.get_max_timeout();
    (void)watchdog.start(milliseconds < most ? milliseconds : most);
}

void system_watchdog_feed(void) {
    mbed::Watchdog::get_instance().kick();
}

void system_restart(void) {
    NVIC_SystemReset();
}

#elif defined(ARDUINO_ARCH_STM32)

#include <IWatchdog.h>
#include <unistd.h>

/* What lies between the heap's end and the stack. */
uint32_t system_free_ram(void) {
    char here;
    const uintptr_t stack = reinterpret_cast<uintptr_t>(&here);
    const uintptr_t heap = reinterpret_cast<uintptr_t>(sbrk(0));
    return stack > heap ? static_cast<uint32_t>(stack - heap) : 0u;
}

void system_watchdog_start(uint32_t milliseconds) {
    IWatchdog.begin(1000u * milliseconds);
}

void system_watchdog_feed(void) {
    IWatchdog.reload();
}

void system_restart(void) {
    NVIC_SystemReset();
}

#elif defined(__IMXRT1062__)

extern "C" unsigned long _heap_end;
extern "C" char *__brkval;

uint32_t system_free_ram(void) {
    return static_cast<uint32_t>(reinterpret_cast<char *>(&_heap_end) - __brkval);
}

/* i.MX RT1060 Processor Reference Manual, WDOG: a count of half seconds, written once after a reset. */
void system_watchdog_start(uint32_t milliseconds) {
    const uint32_t halves = milliseconds / 500u;
    const uint32_t count = halves < 1u ? 0u : halves > 256u ? 255u : halves - 1u;
    CCM_CCGR3 |= CCM_CCGR3_WDOG1(CCM_CCGR_ON);
    WDOG1_WMCR = 0;
    WDOG1_WCR = static_cast<uint16_t>(WDOG_WCR_WT(count) | WDOG_WCR_SRS | WDOG_WCR_WDA | WDOG_WCR_WDE);
}

void system_watchdog_feed(void) {
    WDOG1_WSR = 0x5555;
    WDOG1_WSR = 0xAAAA;
}

void system_restart(void) {
    SCB_AIRCR = 0x05FA0004; /* SYSRESETREQ with its key */
}

#else

uint32_t system_free_ram(void) {
    return 0;
}

void system_watchdog_start(uint32_t milliseconds) {
    (void)milliseconds;
}

void system_watchdog_feed(void) {
}

void system_restart(void) {
}

#endif

#endif /* ARDUINO */
