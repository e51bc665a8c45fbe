/* Where the sums of the next three outputs begin. */
static inline struct tritc_long triples_carried(struct tritc_long sums)
{
    const struct tritc_long carried = {sums.high >> 4, 0x08008008u};

    return carried;
}

/* Adds the products of `count` words. */
static inline struct tritc_long triples_sum(struct tritc_long sums, const uint32_t *x, const uint32_t *taps,
                                            int32_t count)
{
    for (int32_t k = 0; k < count; ++k) {
        sums = multiply_long(sums, x[k], taps[k]);
    }
    return sums;
}
