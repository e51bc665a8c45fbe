/* Four elements, packed, to two words of 16-bit lanes; returns the sum and theirs modulo 2^32. */
static inline uint32_t expand_four_x(uint32_t bytes, uint32_t *words, uint32_t sum)
{
    const uint32_t even = even_x(bytes);
    const uint32_t odd = odd_x(bytes);

    words[0] = even;
    words[1] = odd;
    return multiply_lanes(odd, 0x00010001u, multiply_lanes(even, 0x00010001u, sum));
}

/* Elements to words of 16-bit lanes, with zeros up to a whole block of eight; returns their sum. */
static uint32_t expand_x(const x_t *x, int32_t count, uint32_t *words)
{
    const int32_t rounded = (count + 7) & ~7;
    uint32_t sum = 0u;
    int32_t k = 0;

    for (; (k + 4) <= count; k += 4) {
        sum = expand_four_x(four_x(&x[k]), words, sum);
        words += 2;
    }
    for (; k < rounded; k += 4) {
        x_t last[4] = {0, 0, 0, 0};

        for (int32_t i = 0; (i < 4) && ((k + i) < count); ++i) {
            last[i] = x[k + i];
        }
        sum = expand_four_x(four_x(last), words, sum);
        words += 2;
    }
    return sum;
}
