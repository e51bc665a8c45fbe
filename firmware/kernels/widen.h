/* Elements to 32 bits. */
static void widen_x(const x_t *x, int32_t count, int32_t *wide)
{
    for (int32_t i = 0; i < count; ++i) {
        wide[i] = x[i];
    }
}
