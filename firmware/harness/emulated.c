/* What the emulated platforms share: start-up after the first instructions, faults, measured calls. */
#include <stdint.h>

#include "emulated.h"
#include "harness.h"

uint32_t fault_stack[FAULT_STACK_BYTES / 4] __attribute__((aligned(16), used));
static volatile uint32_t faults = 0;

__attribute__((used)) void start(void) {
    const uint32_t *from = data_load;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    guard_stack();
    host_exit((uint32_t)harness_main(host_argument()));
}

static void print_hex(const char *before, uint32_t value) {
    char text[9];
    for (uint32_t i = 0; i < 8u; i++) {
        uint32_t digit = (value >> (28u - 4u * i)) & 15u;
        text[i] = (char)(digit < 10u ? (uint32_t)'0' + digit : (uint32_t)'a' + digit - 10u);
    }
    text[8] = '\0';
    io_print(before);
    io_print(text);
}

void enter_fault(void) {
    if (faults++ > 0u) {
        host_exit(EXIT_FAULT);
    }
}

void report_fault(uint32_t exception, uint32_t pc) {
    print_hex("fault exception ", exception);
    print_hex(" pc ", pc);
    io_print("\n");
    host_exit(EXIT_FAULT);
}

void stack_overflowed(void) {
    io_print("fault stack-overflow\n");
    host_exit(EXIT_FAULT);
}

/* Here, where the compiler cannot make a copy of its own for any of the functions measured. */
struct span clock_measured_call(run_function *run, const subject_input_t *input,
                                subject_output_t *output) {
    clock_start();
    run(input, output);
    return clock_stop();
}
