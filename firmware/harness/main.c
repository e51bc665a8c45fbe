/*
 * Runs a generated model on the vectors of a file, on a workstation as on an emulated core.
 * Numbers are printed in hexadecimal: a decimal division would pull support functions of the
 * compiler into the program, which are counted as the model's where the model needs them.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness.h"

static subject_input_t vector[SUBJECT_INPUT_SIZE];

#ifdef SUBJECT_IN_ARENA

#define output subject_output()

/* The vector where the model has room for it, and overwrites it. */
static const subject_input_t *input(void) {
    return memcpy(subject_input(), vector, sizeof vector);
}

#else

static subject_output_t output[SUBJECT_OUTPUT_SIZE];

static const subject_input_t *input(void) {
    return vector;
}

#endif

#define OUTPUT_BYTES (SUBJECT_OUTPUT_SIZE * (uint32_t)sizeof(subject_output_t))

static void print_digits(uint32_t value) {
    char text[9];
    for (uint32_t i = 0; i < 8u; i++) {
        uint32_t digit = (value >> (28u - 4u * i)) & 15u;
        text[i] = (char)(digit < 10u ? (uint32_t)'0' + digit : (uint32_t)'a' + digit - 10u);
    }
    text[8] = '\0';
    io_print(text);
}

static void print_number(const char *name, uint32_t value) {
    io_print(name);
    io_print(" ");
    print_digits(value);
    io_print("\n");
}

static void print_span(const char *name, uint32_t index, struct span span) {
    const uint32_t numbers[5] = {index, span.period, span.interrupts, span.ticks,
                                 (uint32_t)span.overrun};
    io_print(name);
    for (uint32_t i = 0; i < 5u; i++) {
        io_print(" ");
        print_digits(numbers[i]);
    }
    io_print("\n");
}

static int failure(const char *reason) {
    io_print("error ");
    io_print(reason);
    io_print("\n");
    return EXIT_HARNESS;
}

/* 1: a vector was read; 0: none is left; -1: the file ends within a vector. */
static int next_vector(void) {
    uint32_t bytes = io_read(STREAM_INPUTS, vector, sizeof vector);
    /* A value that no layer wrote must not pass for the previous vector's right one. */
    memset(output, 0xA5, OUTPUT_BYTES);
    return bytes == sizeof vector ? 1 : bytes == 0u ? 0 : -1;
}

#ifdef SUBJECT_TRACED

static enum { TRACE_OFF, TRACE_WRITE, TRACE_COUNT } trace_mode = TRACE_OFF;
static const char *trace_name;
static int trace_failed = 0;
static int trace_doubtful = 0;

static void write_tensor(uint32_t layer, const void *tensor, uint32_t bytes) {
    const uint32_t head[2] = {layer, bytes};
    if (!io_write(STREAM_TRACE, head, sizeof head) || !io_write(STREAM_TRACE, tensor, bytes)) {
        trace_failed = 1;
    }
}

void subject_trace(uint32_t layer, const void *tensor, uint32_t bytes) {
    if (trace_mode == TRACE_COUNT) {
        struct span span = clock_stop();
        print_span(trace_name, layer, span);
        trace_doubtful |= span.doubtful;
        clock_start();
    } else if (trace_mode == TRACE_WRITE) {
        write_tensor(layer, tensor, bytes);
    }
}

static void count_layers(const char *name, run_function *run) {
    trace_name = name;
    trace_mode = TRACE_COUNT;
    do {
        io_print("attempt\n"); /* what an earlier attempt printed no longer counts */
        trace_doubtful = 0;
        clock_shift();
        (void)clock_measured_call(run, input(), output);
    } while (trace_doubtful);
    trace_mode = TRACE_OFF;
}

#endif

static int run_all(void) {
    uint32_t deepest = 0;
    uint32_t vectors = 0;
    int more;
    if (!io_open(STREAM_OUTPUTS)) {
        return failure("cannot create outputs.bin");
    }
#ifdef SUBJECT_TRACED
    if (!io_open(STREAM_TRACE)) {
        return failure("cannot create trace.bin");
    }
    trace_mode = TRACE_WRITE;
#endif
    while ((more = next_vector()) > 0) {
        uint32_t stack = stack_measured_call(subject_run, input(), output);
        deepest = stack > deepest ? stack : deepest;
        if (!io_write(STREAM_OUTPUTS, output, OUTPUT_BYTES)) {
            return failure("cannot write outputs.bin");
        }
        print_number("vector", ++vectors);
    }
#ifdef SUBJECT_TRACED
    if (trace_failed) {
        return failure("cannot write trace.bin");
    }
#endif
    if (more < 0) {
        return failure("inputs.bin ends within a vector");
    }
    print_number("stack", deepest);
    return 0;
}

static void count_call(const char *name, uint32_t index, run_function *run) {
    struct span span;
    do {
        clock_shift();
        span = clock_measured_call(run, input(), output);
    } while (span.doubtful);
    print_span(name, index, span);
}

static int count_all(void) {
    uint32_t vectors = 0;
    int more;
    if (!clock_available()) {
        return failure("this platform cannot count instructions");
    }
    print_number("interrupt", clock_interrupt_instructions);
    print_number("known", KNOWN_INSTRUCTIONS);
    count_call("nothing-span", 0, measured_nothing);
    count_call("known-span", 0, measured_known);
#ifdef SUBJECT_TRACED
    print_number("two-traces", two_traces_instructions);
    count_layers("two-traces-span", measured_two_traces);
#endif
    while ((more = next_vector()) > 0) {
#ifdef SUBJECT_TRACED
        count_layers("layer-span", subject_run);
#else
        count_call("run-span", vectors, subject_run);
#endif
        print_number("vector", ++vectors);
    }
    return more < 0 ? failure("inputs.bin ends within a vector") : 0;
}

int harness_main(const char *mode) {
    int code;
    if (!io_open(STREAM_INPUTS)) {
        return failure("cannot open inputs.bin");
    }
    if (strcmp(mode, "run") == 0) {
        code = run_all();
    } else if (strcmp(mode, "count") == 0) {
        code = count_all();
    } else {
        return failure("unknown mode");
    }
    if (code == 0 && !io_close_all()) {
        return failure("cannot finish writing the files");
    }
    if (code == 0) {
        io_print("done\n");
    }
    return code;
}
