/* Sums in lanes, added to sums of 32 bits: each word's low lane, then its high one. */
static void lanes_add(const uint32_t *words, int32_t count, int32_t *sums)
{
    for (int32_t i = 0; i < count; ++i) {
        sums[2 * i] += low_lane(words[i]);
        sums[(2 * i) + 1] += high_lane(words[i]);
    }
}
