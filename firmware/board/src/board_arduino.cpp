/* tritc_board.h with an Arduino core. */
#ifdef ARDUINO

#include <Arduino.h>

#include "tritc_board.h"
#include "tritc_ticks.h"

/* The environment in platformio.ini may name the light's pin, and whether it shines at 0. */
#if !defined(TRITC_LIGHT_PIN) && defined(LED_BUILTIN)
#define TRITC_LIGHT_PIN LED_BUILTIN
#endif
#ifndef TRITC_LIGHT_ON
#define TRITC_LIGHT_ON HIGH
#endif

static const unsigned long BAUD = 115200;

int32_t tritc_board_get(void)
{
    return Serial.read();
}

void tritc_board_put(uint8_t byte)
{
    Serial.write(byte);
}

uint32_t tritc_board_micros(void)
{
    return static_cast<uint32_t>(micros());
}

#ifdef TRITC_TICKS_NAME

const char *const tritc_board_ticks_name = TRITC_TICKS_NAME;

uint32_t tritc_board_ticks(void)
{
    return tritc_ticks();
}

uint32_t tritc_board_ticks_per_second(void)
{
    return static_cast<uint32_t>(F_CPU);
}

#else

const char *const tritc_board_ticks_name = "micros";

uint32_t tritc_board_ticks(void)
{
    return tritc_board_micros();
}

uint32_t tritc_board_ticks_per_second(void)
{
    return 1000000u;
}

#endif

void tritc_board_light(int on)
{
#ifdef TRITC_LIGHT_PIN
    digitalWrite(TRITC_LIGHT_PIN, on != 0 ? TRITC_LIGHT_ON : (TRITC_LIGHT_ON == HIGH ? LOW : HIGH));
#else
    (void)on;
#endif
}

void tritc_board_finish(int good)
{
    (void)good; /* nobody waits for a device to end */
}

void setup()
{
    Serial.begin(BAUD);
#ifdef TRITC_LIGHT_PIN
    pinMode(TRITC_LIGHT_PIN, OUTPUT);
#endif
    tritc_board_light(0);
#ifdef TRITC_TICKS_NAME
    tritc_ticks_start();
#endif
    tritc_setup();
}

void loop()
{
    tritc_loop();
}

#endif /* ARDUINO */
