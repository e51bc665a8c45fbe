/* What arduino-esp32's Arduino.h adds. */
#ifndef STUB_ESP32_ARDUINO_H
#define STUB_ESP32_ARDUINO_H
#include_next <Arduino.h>

bool psramFound();

class EspClass {
  public:
    uint32_t getFreeHeap();
    void restart();
};
extern EspClass ESP;
#endif
