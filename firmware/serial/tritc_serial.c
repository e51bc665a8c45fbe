/* The device's side of `tritc verify --port`. The protocol is in docs/serial.md. */
#include "tritc_serial.h"

/* Requests, and their answers: the request with the top bit set. */
#define HELLO 0x01u
#define WRITE 0x02u
#define RUN 0x03u
#define READ 0x04u
#define ANSWER 0x80u
#define STARTED 0x90u
#define LAYER 0x91u
#define TENSOR 0x92u
#define REFUSAL 0xFFu

#define REFUSED_UNKNOWN 1u
#define REFUSED_RANGE 2u

/* What RUN asks about layers; any other number is a layer whose tensor is wanted. */
#define NO_LAYERS 0xFFFFFFFFu
#define ALL_DIGESTS 0xFFFFFFFEu

#define HEAD 3u  /* version, sequence, type */
#define CHECK 4u /* CRC-32 */
#define DATA 224u /* most bytes of input, output or tensor in one frame */

#define PAINT 0xC5C5C5C5u
#define PAINT_MARGIN 128u /* bytes below this function's own variables that are left alone */

/* CRC-32 of IEEE 802.3, without a table: a frame takes longer on the wire. */
static uint32_t crc_update(uint32_t crc, const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (uint32_t bit = 0; bit < 8u; bit++) {
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
        }
    }
    return crc;
}

static uint32_t crc_of(const uint8_t *bytes, uint32_t count) {
    return ~crc_update(0xFFFFFFFFu, bytes, count);
}

static uint32_t word_at(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | ((uint32_t)bytes[1] << 8) | ((uint32_t)bytes[2] << 16) |
           ((uint32_t)bytes[3] << 24);
}

static void add_byte(struct tritc_serial *serial, uint32_t byte) {
    serial->reply[serial->filled++] = (uint8_t)byte;
}

static void add_word(struct tritc_serial *serial, uint32_t word) {
    for (uint32_t shift = 0; shift < 32u; shift += 8u) {
        add_byte(serial, (word >> shift) & 0xFFu);
    }
}

static void add_bytes(struct tritc_serial *serial, const uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        add_byte(serial, bytes[i]);
    }
}

/* A length and so many bytes of text. */
static void add_text(struct tritc_serial *serial, const char *text) {
    uint32_t length = 0;
    while (text != 0 && length < 31u && text[length] != '\0') {
        length++;
    }
    add_byte(serial, length);
    for (uint32_t i = 0; i < length; i++) {
        add_byte(serial, (uint8_t)text[i]);
    }
}

static void begin(struct tritc_serial *serial, uint32_t type) {
    serial->filled = 0;
    add_byte(serial, TRITC_SERIAL_VERSION);
    add_byte(serial, serial->sequence);
    add_byte(serial, type);
}

/* Consistent overhead byte stuffing: no zero in a frame, and one after it. */
static void send(struct tritc_serial *serial) {
    void (*put)(uint8_t) = serial->port->put;
    uint32_t at = 0;
    add_word(serial, crc_of(serial->reply, serial->filled));
    put(0); /* ends whatever text the program printed before */
    while (at <= serial->filled) {
        uint32_t end = at;
        while (end < serial->filled && serial->reply[end] != 0u) {
            end++;
        }
        put((uint8_t)(end - at + 1u));
        for (; at < end; at++) {
            put(serial->reply[at]);
        }
        at = end + 1u;
    }
    put(0);
    put(0); /* one of them may be damaged, and nothing follows for long */
}

static void refuse(struct tritc_serial *serial, uint32_t why) {
    begin(serial, REFUSAL);
    add_byte(serial, why);
    send(serial);
}

static void say_hello(struct tritc_serial *serial) {
    const struct tritc_serial_model *model = serial->model;
    const struct tritc_serial_port *port = serial->port;
    begin(serial, HELLO | ANSWER);
    add_bytes(serial, model->fingerprint, TRITC_SERIAL_FINGERPRINT);
    add_word(serial, model->input_bytes);
    add_word(serial, model->output_bytes);
    add_word(serial, model->layers);
    add_word(serial, port->ticks != 0 ? port->ticks_per_second : 0u);
    add_text(serial, model->name);
    add_text(serial, port->ticks != 0 ? port->ticks_name : 0);
    send(serial);
}

static int inside(uint32_t offset, uint32_t count, uint32_t size) {
    return offset <= size && count <= size - offset;
}

static void write_input(struct tritc_serial *serial, const uint8_t *payload, uint32_t count) {
    const struct tritc_serial_model *model = serial->model;
    const uint32_t offset = count < 4u ? UINT32_MAX : word_at(payload);
    if (!inside(offset, count - 4u, model->input_bytes)) {
        refuse(serial, REFUSED_RANGE);
        return;
    }
    for (uint32_t i = 0; i < count - 4u; i++) {
        model->input[offset + i] = payload[4u + i];
    }
    begin(serial, WRITE | ANSWER);
    send(serial);
}

static void read_output(struct tritc_serial *serial, const uint8_t *payload, uint32_t count) {
    const struct tritc_serial_model *model = serial->model;
    const uint32_t offset = count < 5u ? UINT32_MAX : word_at(payload);
    if (!inside(offset, 0, model->output_bytes) || payload[4] > DATA ||
        !inside(offset, payload[4], model->output_bytes)) {
        refuse(serial, REFUSED_RANGE);
        return;
    }
    begin(serial, READ | ANSWER);
    add_bytes(serial, model->output + offset, payload[4]);
    send(serial);
}

/*
 * Runs the model on a painted stack; returns how many bytes below this function's own variables
 * the lowest lost word of paint lies. Addresses are numbers here: no object of the program is
 * accessed.
 */
static uint32_t run_on_paint(const struct tritc_serial *serial, uint32_t *ticks) {
    const struct tritc_serial_port *port = serial->port;
    volatile uint32_t here = 0;
    const uintptr_t top = (uintptr_t)&here - PAINT_MARGIN;
    uintptr_t lowest = port->stack_limit != 0 ? (uintptr_t)port->stack_limit : top;
    uint32_t started = 0;
    for (uintptr_t at = lowest; at < top; at += sizeof here) {
        *(volatile uint32_t *)at = PAINT;
    }
    if (port->ticks != 0) {
        started = port->ticks();
    }
    serial->model->run();
    if (port->ticks != 0) {
        *ticks = port->ticks() - started;
    }
    while (lowest < top && *(volatile uint32_t *)lowest == PAINT) {
        lowest += sizeof here;
    }
    return port->stack_limit != 0 ? (uint32_t)((uintptr_t)&here - lowest) : 0u;
}

static void run(struct tritc_serial *serial, const uint8_t *payload, uint32_t count) {
    const struct tritc_serial_model *model = serial->model;
    uint32_t ticks = 0;
    uint32_t stack;
    const uint32_t wanted = count < 4u ? NO_LAYERS : word_at(payload);
    if (count < 4u || (wanted < ALL_DIGESTS && wanted >= model->layers)) {
        refuse(serial, REFUSED_RANGE);
        return;
    }
    begin(serial, STARTED);
    send(serial);
    serial->wanted = wanted;
    stack = run_on_paint(serial, &ticks);
    serial->wanted = NO_LAYERS;
    begin(serial, RUN | ANSWER);
    add_word(serial, crc_of(model->input, model->input_bytes));
    add_word(serial, crc_of(model->output, model->output_bytes));
    add_word(serial, ticks);
    add_word(serial, stack);
    send(serial);
}

void tritc_serial_layer(struct tritc_serial *serial, uint32_t layer, const void *tensor,
                        uint32_t bytes) {
    const uint8_t *from = (const uint8_t *)tensor;
    if (serial->wanted == ALL_DIGESTS) {
        begin(serial, LAYER);
        add_word(serial, layer);
        add_word(serial, bytes);
        add_word(serial, crc_of(from, bytes));
        send(serial);
    } else if (serial->wanted == layer) {
        for (uint32_t offset = 0; offset < bytes; offset += DATA) {
            const uint32_t left = bytes - offset;
            begin(serial, TENSOR);
            add_word(serial, offset);
            add_bytes(serial, from + offset, left < DATA ? left : DATA);
            send(serial);
        }
    }
}

static void answer(struct tritc_serial *serial, uint32_t count) {
    const uint8_t *frame = serial->frame;
    const uint8_t *payload = frame + HEAD;
    if (count < HEAD + CHECK || crc_of(frame, count - CHECK) != word_at(frame + count - CHECK)) {
        return; /* noise: the other side asks again */
    }
    serial->sequence = frame[1];
    count -= HEAD + CHECK;
    if (frame[0] != TRITC_SERIAL_VERSION) {
        refuse(serial, REFUSED_UNKNOWN);
        return;
    }
    switch (frame[2]) {
    case HELLO:
        say_hello(serial);
        break;
    case WRITE:
        write_input(serial, payload, count);
        break;
    case RUN:
        run(serial, payload, count);
        break;
    case READ:
        read_output(serial, payload, count);
        break;
    default:
        refuse(serial, REFUSED_UNKNOWN);
        break;
    }
}

/* Undoes the byte stuffing in place. Returns how many bytes there were, 0 when it makes no sense. */
static uint32_t unstuff(uint8_t *frame, uint32_t length) {
    uint32_t filled = 0;
    uint32_t at = 0;
    while (at < length) {
        const uint32_t end = at + frame[at];
        if (end > length) {
            return 0;
        }
        for (at++; at < end; at++) {
            frame[filled++] = frame[at];
        }
        if (at < length) {
            frame[filled++] = 0;
        }
    }
    return filled;
}

void tritc_serial_poll(struct tritc_serial *serial) {
    int32_t byte;
    while ((byte = serial->port->get()) >= 0) {
        if (byte != 0) {
            if (serial->length < TRITC_SERIAL_FRAME) {
                serial->frame[serial->length] = (uint8_t)byte;
            }
            serial->length += serial->length <= TRITC_SERIAL_FRAME ? 1u : 0u;
            continue;
        }
        if (serial->length > 0u && serial->length <= TRITC_SERIAL_FRAME) {
            answer(serial, unstuff(serial->frame, serial->length));
        }
        serial->length = 0;
    }
}
