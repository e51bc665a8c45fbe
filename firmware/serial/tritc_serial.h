/*
 * Lets a workstation run a compiled model on this device, vector by vector, and read back what it
 * computed: the device's side of `tritc verify --port`. The protocol is in docs/serial.md.
 *
 * A program supplies two functions that move single bytes and calls tritc_serial_poll again and
 * again; the model's side (struct tritc_serial_model) is generated. No heap, no interrupt, no
 * dependence on a C library.
 */
#ifndef TRITC_SERIAL_H
#define TRITC_SERIAL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRITC_SERIAL_VERSION 1u
#define TRITC_SERIAL_FINGERPRINT 8u /* bytes */
#define TRITC_SERIAL_FRAME 254u     /* most bytes of a frame, COBS code included */

/* The model, its buffers, and what is known about it. Made by the generated NAME_serial.c. */
struct tritc_serial_model {
    const char *name;
    const uint8_t *fingerprint; /* of the network: TRITC_SERIAL_FINGERPRINT bytes */
    uint8_t *input;
    uint32_t input_bytes;
    const uint8_t *output;
    uint32_t output_bytes;
    uint32_t layers; /* that call tritc_serial_layer; 0 in a build without NAME_TRACE */
    void (*run)(void);
};

/* What the program supplies. */
struct tritc_serial_port {
    int32_t (*get)(void);          /* the next byte received, or -1 when none waits */
    void (*put)(uint8_t byte);     /* sends a byte, waiting while there is no room */
    uint32_t (*ticks)(void);       /* a counter that wraps at 2^32; 0 when there is none */
    uint32_t ticks_per_second;     /* 0 when not known */
    const char *ticks_name;        /* for people: "DWT", "mcycle", "CCOUNT", "micros"; or 0 */
    volatile uint32_t *stack_limit; /* lowest word of the stack in use, to measure it; or 0 */
};

/* All of it belongs to tritc_serial.c. Zero it but for the first two. */
struct tritc_serial {
    const struct tritc_serial_model *model;
    const struct tritc_serial_port *port;
    uint8_t frame[TRITC_SERIAL_FRAME];
    uint32_t length;   /* of what has arrived of a frame; more than fits when it is too long */
    uint8_t sequence;  /* of the request being answered */
    uint32_t wanted;   /* what the running request wants to hear of layers */
    uint8_t reply[TRITC_SERIAL_FRAME];
    uint32_t filled;   /* bytes of the reply being made */
};

/* Handles every byte that waits, and answers. Returns when no byte waits. */
void tritc_serial_poll(struct tritc_serial *serial);

/* Called by the model's trace function while it runs. */
void tritc_serial_layer(struct tritc_serial *serial, uint32_t layer, const void *tensor,
                        uint32_t bytes);

#ifdef __cplusplus
}
#endif
#endif /* TRITC_SERIAL_H */
