/* What the device does about what it sees: yours to change. */
#include "app_act.h"

#include "app_config.h"
#include "tritc_board.h"

void app_act(int32_t steady, int changed) {
    if (changed) {
        tritc_board_light(steady == APP_LIGHT_CLASS);
    }
}
