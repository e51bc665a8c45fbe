/* The table of four inputs: half c0 + 3 * c1 + 10 * c2 + 30 * c3 is `bias` plus the sum of
 * x[i] * (ci - 1), for ci in 0, 1, 2. Two neighbours are made at once, as the halves of a word: `bias`
 * keeps them from becoming negative, so nothing is carried from one into the other. */
static uint32_t *lut4_table_x(const x_t *x, uint32_t bias, uint32_t *table)
{
    const uint32_t both = 0x10001u;
    const uint32_t x0 = word_of(x[0]);
    const uint32_t x1 = word_of(x[1]);
    const uint32_t c = word_of(x[2]) * both;
    const uint32_t d = word_of(x[3]) * both;
    const uint32_t rest = (bias * both) - c - d;
    const uint32_t minus = rest - (x1 * both);
    const uint32_t plus = rest + (x1 * both);

    return lut4_words(table, c, d - (2u * c), minus - x0, rest - x1 + x0 - (x0 << 16),
                      rest + (x0 << 16), plus - x0, plus + x0);
}
