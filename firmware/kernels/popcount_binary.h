/* acc[o] = the counts of bits of row o, of plane p times 2^p, for weights +-1. */
static void popcount_binary(const uint32_t *x, int32_t planes, int32_t words, const uint32_t *weights,
                            int32_t outputs, int32_t *acc)
{
    count_planes(x, planes, words, weights, 0, outputs, acc);
}
