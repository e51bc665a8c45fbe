/*
 * Files and text over Arm semihosting: a breakpoint instruction at which the emulator acts for the
 * program. Operations and their argument blocks: "Semihosting for AArch32 and AArch64", Arm; RISC-V
 * has the same ones ("RISC-V Semihosting").
 */
#include <stdint.h>
#include <string.h>

#include "emulated.h"
#include "harness.h"

#define SYS_OPEN 0x01u
#define SYS_CLOSE 0x02u
#define SYS_WRITE0 0x04u
#define SYS_WRITE 0x05u
#define SYS_READ 0x06u
#define SYS_GET_CMDLINE 0x15u
#define SYS_EXIT_EXTENDED 0x20u

#define MODE_READ_BINARY 1u
#define MODE_WRITE_BINARY 5u

#define STOPPED_APPLICATION_EXIT 0x20026u

#define NOT_OPEN UINT32_MAX

static const char *const stream_names[STREAM_COUNT] = {"inputs.bin", "outputs.bin", "trace.bin"};
static uint32_t handles[STREAM_COUNT];
static uint32_t opened = 0; /* a bit for each open stream */

static uint32_t call_host(uint32_t operation, const void *arguments) {
#ifdef __riscv
    register uint32_t result __asm__("a0") = operation;
    register const void *block __asm__("a1") = arguments;
    /* The three uncompressed instructions that mark a call, in one page of memory. */
    __asm__ volatile(".option push\n"
                     ".balign 16\n"
                     ".option norvc\n"
                     "slli x0, x0, 0x1f\n"
                     "ebreak\n"
                     "srai x0, x0, 7\n"
                     ".option pop\n"
                     : "+r"(result)
                     : "r"(block)
                     : "memory");
#else
    register uint32_t result __asm__("r0") = operation;
    register const void *block __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xAB" : "+r"(result) : "r"(block) : "memory");
#endif
    return result;
}

static uint32_t length(const char *text) {
    uint32_t count = 0;
    while (text[count] != '\0') {
        count++;
    }
    return count;
}

int io_open(enum stream stream) {
    const char *name = stream_names[stream];
    const uint32_t mode = stream == STREAM_INPUTS ? MODE_READ_BINARY : MODE_WRITE_BINARY;
    const uint32_t arguments[3] = {(uint32_t)name, mode, length(name)};
    uint32_t handle = call_host(SYS_OPEN, arguments);
    if (handle == NOT_OPEN) {
        return 0;
    }
    handles[stream] = handle;
    opened |= 1u << stream;
    return 1;
}

/* SYS_READ and SYS_WRITE return how many bytes they did not transfer. */
uint32_t io_read(enum stream stream, void *buffer, uint32_t bytes) {
    const uint32_t arguments[3] = {handles[stream], (uint32_t)buffer, bytes};
    uint32_t left = call_host(SYS_READ, arguments);
    return left <= bytes ? bytes - left : 0u;
}

int io_write(enum stream stream, const void *buffer, uint32_t bytes) {
    const uint32_t arguments[3] = {handles[stream], (uint32_t)buffer, bytes};
    return call_host(SYS_WRITE, arguments) == 0u;
}

int io_close_all(void) {
    int good = 1;
    for (uint32_t stream = 0; stream < (uint32_t)STREAM_COUNT; stream++) {
        if ((opened & (1u << stream)) != 0u && call_host(SYS_CLOSE, &handles[stream]) != 0u) {
            good = 0;
        }
    }
    opened = 0;
    return good;
}

void io_print(const char *text) {
    (void)call_host(SYS_WRITE0, text);
}

const char *host_argument(void) {
    static char line[64];
    uint32_t arguments[2] = {(uint32_t)line, sizeof line}; /* the host writes the length back */
    const char *argument = line;
    if (call_host(SYS_GET_CMDLINE, arguments) != 0u) {
        return "";
    }
    for (const char *at = line; *at != '\0'; at++) {
        if (*at == ' ') {
            argument = at + 1;
        }
    }
    return argument;
}

void host_exit(uint32_t code) {
    const uint32_t arguments[2] = {STOPPED_APPLICATION_EXIT, code};
    for (;;) {
        (void)call_host(SYS_EXIT_EXTENDED, arguments);
    }
}
