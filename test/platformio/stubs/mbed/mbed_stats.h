/* https://os.mbed.com/docs/mbed-os/v6.16/apis/mbed-statistics.html */
#ifndef STUB_MBED_STATS_H
#define STUB_MBED_STATS_H
#include <stdint.h>
typedef struct {
    uint32_t current_size, max_size, total_size, reserved_size, alloc_cnt, alloc_fail_cnt, overhead_size;
} mbed_stats_heap_t;
extern "C" void mbed_stats_heap_get(mbed_stats_heap_t *stats);
#endif
