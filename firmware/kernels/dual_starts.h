/* sum + that of eight elements, modulo 2^32. */
static inline uint32_t dual_sum_x(const x_t *x, uint32_t sum)
{
    const uint32_t ones = 0x00010001u;
    const uint32_t first = four_x(x);
    const uint32_t second = four_x(&x[4]);

    sum = multiply_lanes(even_x(first), ones, multiply_lanes(odd_x(first), ones, sum));
    return multiply_lanes(even_x(second), ones, multiply_lanes(odd_x(second), ones, sum));
}

/* What the sums of each chunk start with. Inputs after the last whole block are copied to `last`, with
 * zeros after them, and have a start of their own. */
static void dual_starts_x(const x_t *x, const struct tritc_dual *d, x_t *last, uint32_t *starts)
{
    const int32_t rest = d->inputs & 7;

    for (int32_t c = 0; c < d->chunk_count; ++c) {
        uint32_t sum = 0u;

        for (int32_t blocks = d->chunks[c]; blocks > 0; --blocks) {
            sum = dual_sum_x(x, sum);
            x += 8;
        }
        *starts++ = dual_start(sum);
    }
    if (rest != 0) {
        for (int32_t i = 0; i < 8; ++i) {
            last[i] = (i < rest) ? x[i] : (x_t)0;
        }
        *starts = dual_start(dual_sum_x(last, 0u));
    }
}
