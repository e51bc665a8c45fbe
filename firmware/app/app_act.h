#ifndef APP_ACT_H
#define APP_ACT_H

#include <stdint.h>

/* Called after each frame with the class that counts, SMOOTH_NONE before there is one; `changed` where
 * it is another than after the frame before. */
void app_act(int32_t steady, int changed);

#endif /* APP_ACT_H */
