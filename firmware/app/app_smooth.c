#include "app_smooth.h"

int32_t smooth_add(struct smooth *smooth, uint32_t seen) {
    uint32_t count = 0;
    smooth->classes[smooth->next] = (uint16_t)seen;
    smooth->next = (smooth->next + 1u) % APP_SMOOTH_FRAMES;
    smooth->filled += smooth->filled < APP_SMOOTH_FRAMES ? 1u : 0u;
    /* Only the class just seen can have won a majority. */
    for (uint32_t i = 0; i < smooth->filled; i++) {
        count += smooth->classes[i] == seen ? 1u : 0u;
    }
    if (2u * count > APP_SMOOTH_FRAMES) {
        smooth->steady = (int32_t)seen;
    }
    return smooth->steady;
}
