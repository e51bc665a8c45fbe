/*
 * Files and text on an emulated Xtensa core, by its SIMCALL instruction: operation in a2, arguments
 * in a3 to a5, the result in a2 (target/xtensa/xtensa-semi.c of QEMU).
 */
#include <stdint.h>
#include <string.h>

#include "emulated.h"
#include "harness.h"

#define SYS_EXIT 1u
#define SYS_READ 3u
#define SYS_WRITE 4u
#define SYS_OPEN 5u
#define SYS_CLOSE 6u
#define SYS_ARGUMENT_COUNT 1000u
#define SYS_ARGUMENT_BYTES 1001u
#define SYS_ARGUMENTS 1002u

/* For writing only, created, truncated: flags of GDB's file protocol, or, in older QEMU, the host's. */
#define OPEN_READ 0u
#define OPEN_WRITE_GDB 0x601u
#define OPEN_WRITE_LINUX 0x241u
#define OPEN_MODE 0644u

#define STANDARD_OUTPUT 1u
#define MOST_TRIES 10000000u

static const char *const stream_names[STREAM_COUNT] = {"inputs.bin", "outputs.bin", "trace.bin"};
static uint32_t handles[STREAM_COUNT];
static uint32_t opened = 0; /* a bit for each open stream */

/* Negative: it failed. */
static int32_t call_host(uint32_t operation, uint32_t first, uint32_t second, uint32_t third) {
    register uint32_t a2 __asm__("a2") = operation;
    register uint32_t a3 __asm__("a3") = first;
    register uint32_t a4 __asm__("a4") = second;
    register uint32_t a5 __asm__("a5") = third;
    /* SIMCALL, which the assembler of the lx106 does not know. It writes an error code to a3. */
    __asm__ volatile(".byte 0x00, 0x51, 0x00" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return (int32_t)a2;
}

int io_open(enum stream stream) {
    const uint32_t name = (uint32_t)stream_names[stream];
    const uint32_t flags = stream == STREAM_INPUTS ? OPEN_READ : OPEN_WRITE_GDB;
    int32_t handle = call_host(SYS_OPEN, name, flags, OPEN_MODE);
    if (handle < 0 && stream != STREAM_INPUTS) {
        handle = call_host(SYS_OPEN, name, OPEN_WRITE_LINUX, OPEN_MODE);
    }
    if (handle < 0) {
        return 0;
    }
    handles[stream] = (uint32_t)handle;
    opened |= 1u << stream;
    return 1;
}

uint32_t io_read(enum stream stream, void *buffer, uint32_t bytes) {
    const int32_t count = call_host(SYS_READ, handles[stream], (uint32_t)buffer, bytes);
    return count > 0 ? (uint32_t)count : 0u;
}

int io_write(enum stream stream, const void *buffer, uint32_t bytes) {
    return call_host(SYS_WRITE, handles[stream], (uint32_t)buffer, bytes) == (int32_t)bytes;
}

int io_close_all(void) {
    int good = 1;
    for (uint32_t stream = 0; stream < (uint32_t)STREAM_COUNT; stream++) {
        if ((opened & (1u << stream)) != 0u && call_host(SYS_CLOSE, handles[stream], 0, 0) < 0) {
            good = 0;
        }
    }
    opened = 0;
    return good;
}

void io_print(const char *text) {
    uint32_t bytes = 0;
    while (text[bytes] != '\0') {
        bytes++;
    }
    /* Who reads this may be slower than the core: then the host takes a part, or nothing yet. */
    for (uint32_t tries = 0; bytes > 0u && tries < MOST_TRIES; tries++) {
        const int32_t count = call_host(SYS_WRITE, STANDARD_OUTPUT, (uint32_t)text, bytes);
        if (count > 0) {
            text += count;
            bytes -= (uint32_t)count;
        }
    }
}

/* The host fills a block with pointers to the words of the command line, and the words. */
const char *host_argument(void) {
    static char *block[64];
    const int32_t count = call_host(SYS_ARGUMENT_COUNT, 0, 0, 0);
    const int32_t bytes = call_host(SYS_ARGUMENT_BYTES, 0, 0, 0);
    if (count < 1 || bytes > (int32_t)sizeof block) {
        return "";
    }
    (void)call_host(SYS_ARGUMENTS, (uint32_t)block, 0, 0);
    return block[count - 1];
}

void host_exit(uint32_t code) {
    for (;;) {
        (void)call_host(SYS_EXIT, code, 0, 0);
    }
}
