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
            const uint32_t *words = top;
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
                words = words_before(words, *lists++);
                s0 += words[0];
                s1 += words[1];
                s2 += words[2];
                s3 += words[3];
                s4 += words[4];
                s5 += words[5];
                s6 += words[6];
                s7 += words[7];
                words += 4;
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
