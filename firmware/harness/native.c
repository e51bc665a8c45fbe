/* The platform of a workstation: files through stdio, no stack measurement, no clock. */
#include <stdio.h>

#include "harness.h"

static const char *const stream_names[STREAM_COUNT] = {"inputs.bin", "outputs.bin", "trace.bin"};
static FILE *files[STREAM_COUNT];

int io_open(enum stream stream) {
    files[stream] = fopen(stream_names[stream], stream == STREAM_INPUTS ? "rb" : "wb");
    return files[stream] != NULL;
}

uint32_t io_read(enum stream stream, void *buffer, uint32_t bytes) {
    return (uint32_t)fread(buffer, 1, bytes, files[stream]);
}

int io_write(enum stream stream, const void *buffer, uint32_t bytes) {
    return fwrite(buffer, 1, bytes, files[stream]) == bytes;
}

int io_close_all(void) {
    int good = 1;
    for (int stream = 0; stream < STREAM_COUNT; stream++) {
        if (files[stream] != NULL && fclose(files[stream]) != 0) {
            good = 0;
        }
    }
    return good;
}

/* Flushed at once: the host sees from these lines that the model makes progress. */
void io_print(const char *text) {
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

uint32_t stack_measured_call(run_function *run, const subject_input_t *input,
                             subject_output_t *output) {
    run(input, output);
    return 0;
}

const uint32_t clock_interrupt_instructions = 0;
const uint32_t two_traces_instructions = 0;

int clock_available(void) {
    return 0;
}

void clock_start(void) {
}

struct span clock_stop(void) {
    const struct span none = {0, 0, 0, 0, 0};
    return none;
}

struct span clock_measured_call(run_function *run, const subject_input_t *input,
                                subject_output_t *output) {
    run(input, output);
    return clock_stop();
}

void clock_shift(void) {
}

void measured_nothing(const subject_input_t *input, subject_output_t *output) {
    (void)input;
    (void)output;
}

void measured_known(const subject_input_t *input, subject_output_t *output) {
    (void)input;
    (void)output;
}

#ifdef SUBJECT_TRACED

void measured_two_traces(const subject_input_t *input, subject_output_t *output) {
    (void)input;
    (void)output;
}

#endif

int main(int argc, char **argv) {
    return harness_main(argc > 1 ? argv[1] : "run");
}
