/* The same value everywhere. */
static void fill_y(int32_t value, int32_t count, y_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        y[i] = (y_t)value;
    }
}
