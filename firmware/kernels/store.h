/* Accumulators as they are; the compiler has proved that they fit. */
static void store_y(const int32_t *acc, int32_t count, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        y[i] = (y_t)acc[i];
    }
}
