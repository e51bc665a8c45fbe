#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED)
#include <arm_acle.h>

/* Bytes 0 and 2 as halfwords. */
static inline uint32_t twin_bytes_x(uint32_t bytes)
{
    return ((x_t)-1 < (x_t)1) ? (uint32_t)__sxtb16((int8x4_t)bytes) : __uxtb16(bytes);
}
#endif

/* Words of elements that stand side by side: words[i] = low[i] + (high[i] << 16). */
static void twin_words_x(const x_t *low, const x_t *high, int32_t count, uint32_t *words)
{
    for (int32_t four = count / 4; four > 0; --four) {
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED)
        uint32_t a;
        uint32_t b;
        uint32_t even;
        uint32_t odd;

        (void)memcpy(&a, low, 4u);
        (void)memcpy(&b, high, 4u);
        even = twin_bytes_x(b);
        odd = twin_bytes_x(b >> 8);
        words[0] = (uint32_t)(x_t)a + (even << 16);
        words[1] = (uint32_t)(x_t)(a >> 8) + (odd << 16);
        words[2] = (uint32_t)(x_t)(a >> 16) + (even & 0xffff0000u);
        words[3] = (uint32_t)(x_t)(a >> 24) + (odd & 0xffff0000u);
#else
        words[0] = twin_of(low[0], high[0]);
        words[1] = twin_of(low[1], high[1]);
        words[2] = twin_of(low[2], high[2]);
        words[3] = twin_of(low[3], high[3]);
#endif
        low += 4;
        high += 4;
        words += 4;
    }
    for (int32_t rest = count % 4; rest > 0; --rest) {
        *words++ = twin_of(*low++, *high++);
    }
}

static int32_t twin_element_x(const x_t *row, const struct tritc_twins *p, int32_t column,
                              int32_t channel)
{
    return ((column < 0) || (column >= p->width)) ? p->zero : row[(column * p->channels) + channel];
}

/* Columns [from, to) of words, some of whose elements are padding. */
static void twin_edge_x(const x_t *row, const struct tritc_twins *p, int32_t from, int32_t to,
                        uint32_t *words)
{
    for (int32_t column = from; column < to; ++column) {
        const int32_t low = column - p->left;
        const int32_t high = low + p->distance;

        for (int32_t c = 0; c < p->channels; ++c) {
            words[(column * p->channels) + c] =
                twin_of(twin_element_x(row, p, low, c), twin_element_x(row, p, high, c));
        }
    }
}

/* One row of the tensor. */
static void twin_row_x(const x_t *row, const struct tritc_twins *p, uint32_t *words)
{
    const int32_t inside = p->width - p->distance + p->left;
    const int32_t from = (p->left < p->columns) ? p->left : p->columns;
    const int32_t until = (inside < p->columns) ? inside : p->columns;
    const int32_t to = (until < from) ? from : until;

    twin_edge_x(row, p, 0, from, words);
    if (from < to) {
        twin_words_x(row, &row[p->distance * p->channels], (to - from) * p->channels,
                     &words[from * p->channels]);
    }
    twin_edge_x(row, p, to, p->columns, words);
}
