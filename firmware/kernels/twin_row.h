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

/* Words of one column, of whose elements at most one is inside the tensor. */
static void twin_edge_x(const x_t *low, const x_t *high, const struct tritc_twins *t,
                        uint32_t *words)
{
    const uint32_t padding = (uint32_t)t->zero;

    if (low != NULL) {
        for (int32_t c = 0; c < t->channels; ++c) {
            words[c] = (uint32_t)low[c] + (padding << 16);
        }
    } else if (high != NULL) {
        for (int32_t c = 0; c < t->channels; ++c) {
            words[c] = padding + ((uint32_t)high[c] << 16);
        }
    } else {
        for (int32_t c = 0; c < t->channels; ++c) {
            words[c] = padding + (padding << 16);
        }
    }
}

/* One row of the tensor. */
static void twin_row_x(const x_t *row, const struct tritc_twins *t, uint32_t *words)
{
    int32_t column = 0;

    while (column < t->columns) {
        const int32_t low = column - t->left;
        const int32_t high = low + t->distance;
        const int low_inside = (low >= 0) && (low < t->width);
        const int high_inside = (high >= 0) && (high < t->width);
        int32_t count = 1;

        if (low_inside && high_inside) {
            const int32_t left = t->columns - column;

            count = ((t->width - high) < left) ? (t->width - high) : left;
            twin_words_x(&row[low * t->channels], &row[high * t->channels], count * t->channels,
                         words);
        } else {
            twin_edge_x(low_inside ? &row[low * t->channels] : NULL,
                        high_inside ? &row[high * t->channels] : NULL, t, words);
        }
        words += count * t->channels;
        column += count;
    }
}
