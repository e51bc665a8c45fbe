/* acc[o] = the product of x and row o. `words` has room for the longest chunk. Weights are those of four
 * pairs of rows at a time, then those of single pairs. */
static void dual_dense_x(const x_t *x, const struct tritc_dual *d, uint32_t *words, int32_t *acc)
{
    const int32_t fours = (d->outputs + 1) / 8;
    int32_t first = 0;

    dual_clear(d, acc);
    for (int32_t c = 0; c < d->chunk_count; ++c) {
        const int32_t blocks = d->chunks[c];
        const int32_t left = d->inputs - (8 * first);
        const int32_t count = (left < (8 * blocks)) ? left : (8 * blocks);
        const uint32_t start = dual_start(expand_x(&x[8 * first], count, words));
        const uint32_t *pair = &d->weights[4 * fours * d->blocks];

        dual_fours(words, &d->weights[4 * first], blocks, d->blocks, fours, start, acc);
        for (int32_t o = 8 * fours; o < d->outputs; o += 2) {
            dual_add(dual_pair(words, 1, &pair[first], blocks, start), &acc[o]);
            pair += d->blocks;
        }
        first += blocks;
    }
}
