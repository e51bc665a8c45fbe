/* Elements of two positions to words of 16-bit lanes that alternate between the positions: four of each
 * make four words. `count` is a multiple of four. Adds their sums to those of the positions. */
static inline uint32_t *expand_pair_x(const x_t *a, const x_t *b, int32_t count, uint32_t *words,
                                      uint32_t *sums)
{
    uint32_t sum_a = sums[0];
    uint32_t sum_b = sums[1];

    for (int32_t k = 0; k < count; k += 4) {
        const uint32_t bytes_a = four_x(&a[k]);
        const uint32_t bytes_b = four_x(&b[k]);
        const uint32_t even_a = even_x(bytes_a);
        const uint32_t even_b = even_x(bytes_b);
        const uint32_t odd_a = odd_x(bytes_a);
        const uint32_t odd_b = odd_x(bytes_b);

        words[0] = even_a;
        words[1] = even_b;
        words[2] = odd_a;
        words[3] = odd_b;
        sum_a = multiply_lanes(even_a, 0x00010001u, sum_a);
        sum_b = multiply_lanes(even_b, 0x00010001u, sum_b);
        sum_a = multiply_lanes(odd_a, 0x00010001u, sum_a);
        sum_b = multiply_lanes(odd_b, 0x00010001u, sum_b);
        words += 4;
    }
    sums[0] = sum_a;
    sums[1] = sum_b;
    return words;
}
