#include "Arduino.h"

/* Hardware that the compiler cannot see through. */
static volatile uint32_t hardware;

extern "C" {
void pinMode(uint8_t pin, uint8_t mode) { hardware = pin | mode; }
void digitalWrite(uint8_t pin, uint8_t level) { hardware = pin | level; }
int digitalRead(uint8_t pin) { return static_cast<int>(hardware + pin); }
unsigned long millis(void) { return hardware; }
unsigned long micros(void) { return hardware; }
void delay(unsigned long ms) { hardware = static_cast<uint32_t>(ms); }
void delayMicroseconds(unsigned int us) { hardware = us; }
void yield(void) { hardware = 0; }
}

Stream Serial;
void Stream::begin(unsigned long baud) { hardware = static_cast<uint32_t>(baud); }
int Stream::available() { return static_cast<int>(hardware); }
int Stream::read() { return static_cast<int>(hardware); }
size_t Stream::write(uint8_t byte) { hardware = byte; return 1; }
size_t Stream::write(const uint8_t *bytes, size_t count) { hardware = bytes[count - 1]; return count; }
size_t Stream::print(const char *text) { hardware = static_cast<uint8_t>(*text); return 1; }
size_t Stream::println(const char *text) { return print(text); }
void Stream::flush() { hardware = 0; }
Stream::operator bool() { return hardware != 0; }

int main() {
    setup();
    for (;;) {
        loop();
    }
}
