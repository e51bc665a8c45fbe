/* Where the weights of an output stand: for each channel of each kernel row `taps` of them, and `steps`
 * says how many bytes lie from one to the next, the next channel's first included. */
struct tritc_taps {
    const uint8_t *steps;
    int32_t taps;
    int32_t bytes; /* from one channel to the next */
};

/* The lists of one output over so many channels, as sparse_tile reads them. Gives their end; `plus` is
 * room for 255 bytes. A distance that a byte cannot hold is bridged by a tap that is in both lists and
 * so cancels. */
static uint8_t *sparse_expand(struct tritc_codes *codes, const struct tritc_taps *t,
                              int32_t channels, uint8_t *list, uint8_t *plus)
{
    const uint8_t *next = codes->next;
    uint32_t bits = codes->bits;
    const uint8_t *steps = t->steps;
    const uint8_t *end = &steps[t->taps];
    /* Gaps that the next channel would make too long, counted to its first tap. */
    const uint32_t longest = 255u - (uint32_t)t->bytes + end[-1];
    uint8_t *to_minus = &list[1];
    uint8_t *to_plus = plus;
    uint32_t minus_gap = 4; /* from the end of the words that the list took last */
    uint32_t plus_gap = 4;
    int32_t count;

    for (; channels > 0; --channels) {
        uint32_t step = 0;

        for (const uint8_t *tap = steps; tap != end; ++tap) {
            if (bits == 1u) {
                bits = *next++ | 0x100u;
            }
            step = *tap;
            if ((bits & 1u) != 0u) {
                *to_plus++ = (uint8_t)plus_gap;
                plus_gap = 16;
            }
            if ((bits & 2u) != 0u) {
                *to_minus++ = (uint8_t)minus_gap;
                minus_gap = 16;
            }
            bits >>= 2;
            plus_gap += step;
            minus_gap += step;
        }
        if ((channels > 1) && ((plus_gap > longest) || (minus_gap > longest))) {
            *to_plus++ = (uint8_t)(plus_gap - step);
            *to_minus++ = (uint8_t)(minus_gap - step);
            plus_gap = 16u + step;
            minus_gap = 16u + step;
        }
    }
    codes->next = next;
    codes->bits = bits;
    count = (int32_t)(to_plus - plus);
    *list = (uint8_t)(to_minus - list - 1);
    *to_minus++ = (uint8_t)count;
    for (int32_t i = 0; i < count; ++i) {
        *to_minus++ = plus[i];
    }
    return to_minus;
}
