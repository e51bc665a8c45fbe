/* The same for eight words at a time, for cores with registers enough. */
static const uint8_t *sparse_tile8(const uint8_t *lists, int32_t outputs, const uint32_t *top,
                                   uint32_t *sums)
{
    for (int32_t o = 0; o < outputs; ++o) {
        uint32_t s0 = 0;
        uint32_t s1 = 0;
        uint32_t s2 = 0;
        uint32_t s3 = 0;
        uint32_t s4 = 0;
        uint32_t s5 = 0;
        uint32_t s6 = 0;
        uint32_t s7 = 0;

        for (int32_t sign = 0; sign < 2; ++sign) {
            uintptr_t words = (uintptr_t)top;
            const uint8_t *end = &lists[1 + lists[0]];

            s0 = 0u - s0;
            s1 = 0u - s1;
            s2 = 0u - s2;
            s3 = 0u - s3;
            s4 = 0u - s4;
            s5 = 0u - s5;
            s6 = 0u - s6;
            s7 = 0u - s7;
            ++lists;
            while (lists != end) {
                words -= *lists++;
                s0 += word_at(words);
                s1 += word_at(words + 4u);
                s2 += word_at(words + 8u);
                s3 += word_at(words + 12u);
                s4 += word_at(words + 16u);
                s5 += word_at(words + 20u);
                s6 += word_at(words + 24u);
                s7 += word_at(words + 28u);
                words += 16u;
            }
        }
        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        sums[4] = s4;
        sums[5] = s5;
        sums[6] = s6;
        sums[7] = s7;
        sums += 8;
    }
    return lists;
}
