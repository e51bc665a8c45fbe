/* acc[o], acc_b[o] = the products of two positions' inputs and row o. The inputs of each stand in `rows`
 * runs of `run` elements, a multiple of four, with `step` from one to the next. `words` has room for the
 * longest chunk, 8 words a block. */
static void dual_positions_x(const x_t *a, const x_t *b, int32_t rows, int32_t run, int32_t step,
                             const struct tritc_dual *d, uint32_t *words, int32_t *acc, int32_t *acc_b)
{
    const int32_t inputs = rows * run;
    int32_t first = 0;
    int32_t row = 0;
    int32_t column = 0;

    for (int32_t c = 0; c < d->chunk_count; ++c) {
        const int32_t blocks = d->chunks[c];
        const int32_t end = (inputs < (8 * (first + blocks))) ? inputs : (8 * (first + blocks));
        uint32_t sums[2] = {0u, 0u};
        uint32_t *to = words;

        while (((row * run) + column) < end) {
            const int32_t left = end - ((row * run) + column);
            const int32_t count = (left < (run - column)) ? left : (run - column);
            const int32_t from = (row * step) + column;

            to = expand_pair_x(&a[from], &b[from], count, to, sums);
            column += count;
            if (column == run) {
                column = 0;
                ++row;
            }
        }
        while (to < &words[8 * blocks]) {
            *to++ = 0u;
        }
        sums[0] = dual_start(sums[0]);
        sums[1] = dual_start(sums[1]);
        if (first == 0) {
            dual_rows_begin(words, d, blocks, sums, acc, acc_b);
        } else {
            dual_rows_add(words, d, first, blocks, sums, acc, acc_b);
        }
        first += blocks;
    }
}
