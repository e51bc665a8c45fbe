/* Every kernel at once, for the C compiler alone; see README.md. */
#include <stdint.h>
#include <string.h>

#include "window.h"
#include "gather.h"
#include "rows_ternary.h"
#include "rows_binary.h"
#include "rows_int4.h"
#include "rows_int8.h"
#include "sum_pool.h"
#include "max_pool.h"
#include "widen.h"
#include "store.h"
#include "thresholds.h"
#include "table.h"
#include "fixed.h"
#include "round32.h"
#include "round64.h"
#include "fixed32.h"
#include "fixed64.h"
#include "sum_fixed64.h"
