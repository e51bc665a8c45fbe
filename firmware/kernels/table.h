/* y = the entry of the channel's table for the accumulator; the first entry is for `low`. `stride` is
 * the length of one table, or 0 where all channels share one. */
static void table_y(const int32_t *acc, int32_t count, const y_t *table, int32_t stride, int32_t low,
                    y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        y[i] = table[(i * stride) + acc[i] - low];
    }
}
