/*
 * What the portable part of the harness (main.c) and a platform ask of each other.
 *
 * subject.h is written beside the model for each build. It names the model under test:
 *   subject_input_t, subject_output_t, SUBJECT_INPUT_SIZE, SUBJECT_OUTPUT_SIZE   (elements)
 *   subject_run, and subject_trace where the build is a tracing one (SUBJECT_TRACED)
 *   subject_input and subject_output where the model is to run in its own memory (SUBJECT_IN_ARENA)
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdint.h>

#include "subject.h"

/* A call of the model, or of something measured in its place. */
typedef void run_function(const subject_input_t *input, subject_output_t *output);

/* Exit codes of the harness; 0 is success. The reason stands on the last line that it prints. */
#define EXIT_HARNESS 3 /* a file is missing or short, or the mode is unknown */
#define EXIT_FAULT 4   /* the processor faulted, or the stack overflowed */

/*
 * main.c: MODE is one of
 *   "run"    runs the model on every vector of inputs.bin and writes outputs.bin; a tracing build
 *            also writes every layer's tensor to trace.bin;
 *   "count"  counts the clock ticks of the model on every vector of inputs.bin; a tracing build
 *            those of every layer.
 * Returns the exit code. Each line printed is a word and hexadecimal numbers; the last is "done".
 */
int harness_main(const char *mode);

/* The files, all in the current folder of the host. */
enum stream { STREAM_INPUTS, STREAM_OUTPUTS, STREAM_TRACE, STREAM_COUNT };

/* Opens a stream, inputs for reading and the others for writing. 0 when it cannot. */
int io_open(enum stream stream);

/* Reads up to `bytes` bytes; returns how many there were. */
uint32_t io_read(enum stream stream, void *buffer, uint32_t bytes);

/* Writes `bytes` bytes. 0 when it cannot. */
int io_write(enum stream stream, const void *buffer, uint32_t bytes);

/* Closes every open stream. 0 when what was written did not all reach its file. */
int io_close_all(void);

/* Writes text to the host's standard output. */
void io_print(const char *text);

/*
 * Calls run(input, output) and returns the bytes of stack that the call used at its deepest,
 * or 0 on a platform that cannot tell. Does not return when the stack overflowed.
 */
uint32_t stack_measured_call(run_function *run, const subject_input_t *input,
                             subject_output_t *output);

/*
 * The time of a stretch of instructions: interrupts * period + ticks, in ticks of the clock.
 * `interrupts` counts the times that the clock started anew, each of which executed
 * clock_interrupt_instructions instructions.
 */
struct span {
    uint32_t period;
    uint32_t interrupts;
    uint32_t ticks;
    int doubtful; /* stopped so near an interrupt that `interrupts` may be off by one */
    int overrun;  /* longer than the clock can tell: the other numbers mean nothing */
};

extern const uint32_t clock_interrupt_instructions;

/* 0 on a platform that has no clock that counts instructions. */
int clock_available(void);

void clock_start(void);
struct span clock_stop(void);

/* Starts the clock, calls run(input, output), and stops it: one piece of code for every `run`. */
struct span clock_measured_call(run_function *run, const subject_input_t *input,
                                subject_output_t *output);

/* Moves the clock's interrupts to other places, so that a doubtful measurement can be repeated. */
void clock_shift(void);

/* Executes a single instruction (its return). */
run_function measured_nothing;

/* Executes KNOWN_INSTRUCTIONS instructions, its return among them. */
run_function measured_known;
#define KNOWN_ROUNDS 0x300000 /* no suffix: the assembler reads it too */
#define KNOWN_INSTRUCTIONS (2u * KNOWN_ROUNDS + 2u)

extern const uint32_t two_traces_instructions;

#ifdef SUBJECT_TRACED
/*
 * Executes two_traces_instructions instructions, calls subject_trace, and calls it again with
 * nothing in between.
 */
run_function measured_two_traces;
#endif

/* A macro's value, as text for the assembler. */
#define TEXT(value) TEXT_OF(value)
#define TEXT_OF(value) #value

#endif
