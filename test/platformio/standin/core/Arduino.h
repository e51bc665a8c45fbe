/*
 * Stubs of an Arduino core: the declarations that the projects use, as ArduinoCore-API documents
 * them (https://docs.arduino.cc/language-reference/), and no function of them.
 */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stddef.h>
#include <stdint.h>

#define LOW 0
#define HIGH 1
#define INPUT 0
#define OUTPUT 1

#ifdef __cplusplus
extern "C" {
#endif
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t level);
int digitalRead(uint8_t pin);
unsigned long millis(void);
unsigned long micros(void);
void delay(unsigned long ms);
void delayMicroseconds(unsigned int us);
void yield(void);
#ifdef __cplusplus
}

void setup();
void loop();

class Stream {
  public:
    void begin(unsigned long baud);
    int available();
    int read();
    size_t write(uint8_t byte);
    size_t write(const uint8_t *bytes, size_t count);
    size_t print(const char *text);
    size_t println(const char *text);
    void flush();
    operator bool();
};

extern Stream Serial;
#endif
#endif
