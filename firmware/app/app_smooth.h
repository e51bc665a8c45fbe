/* Classes over several frames: one wrong frame does not change what is acted on. */
#ifndef APP_SMOOTH_H
#define APP_SMOOTH_H

#include <stdint.h>

#include "app_config.h"

#define SMOOTH_NONE (-1) /* no class has had a majority yet */

/* Zero it but for `steady`, which begins as SMOOTH_NONE. */
struct smooth {
    int32_t steady; /* the class that last had a majority */
    uint32_t next;
    uint32_t filled;
    uint16_t classes[APP_SMOOTH_FRAMES]; /* of the last frames, a ring */
};

/* Adds the class of a frame; returns the class that more than half of APP_SMOOTH_FRAMES show, or the
 * last one that did. */
int32_t smooth_add(struct smooth *smooth, uint32_t seen);

#endif /* APP_SMOOTH_H */
