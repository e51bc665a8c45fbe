/* acc = the products of x and one pair of rows, as dual_direct_x makes those of four. */
static const uint32_t *dual_single_x(const x_t *x, const struct tritc_dual *d, const x_t *last,
                                     const uint32_t *starts, const uint32_t *weights, int32_t *acc)
{
    const int32_t chunks = d->chunk_count;
    const int32_t all = chunks + (((d->inputs & 7) != 0) ? 1 : 0);

    acc[0] = -TRITC_DUAL_LOW * all;
    acc[1] = -TRITC_DUAL_HIGH * all;
    for (int32_t c = 0; c < chunks; ++c) {
        uint32_t sum = starts[c];

        for (int32_t left = d->chunks[c]; left > 0; --left) {
            sum = dual_block_x(x, *weights++, sum);
            x += 8;
        }
        dual_add(sum, acc);
    }
    if ((d->inputs & 7) != 0) {
        dual_add(dual_block_x(last, *weights++, starts[chunks]), acc);
    }
    return weights;
}
