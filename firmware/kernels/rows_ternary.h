/* The sum of x[k] * weight[k] over one row. Four trits a byte, from the low bits up: bit 0 of a trit
 * says +1, bit 1 says -1. Each bit becomes a mask of all ones or none, so that adding and
 * subtracting need no branch and no multiplication. */
static int32_t dot_ternary_x(const x_t *x, const uint8_t *weights, int32_t inputs)
{
    const int32_t whole = inputs / 4;
    const int32_t rest = inputs % 4;
    int32_t plus = 0;
    int32_t minus = 0;

    for (int32_t i = 0; i < whole; ++i) {
        const uint32_t codes = *weights++;

        plus += (int32_t)x[0] & -(int32_t)(codes & 1u);
        minus += (int32_t)x[0] & -(int32_t)((codes >> 1) & 1u);
        plus += (int32_t)x[1] & -(int32_t)((codes >> 2) & 1u);
        minus += (int32_t)x[1] & -(int32_t)((codes >> 3) & 1u);
        plus += (int32_t)x[2] & -(int32_t)((codes >> 4) & 1u);
        minus += (int32_t)x[2] & -(int32_t)((codes >> 5) & 1u);
        plus += (int32_t)x[3] & -(int32_t)((codes >> 6) & 1u);
        minus += (int32_t)x[3] & -(int32_t)((codes >> 7) & 1u);
        x += 4;
    }
    if (rest > 0) {
        uint32_t codes = *weights;

        for (int32_t i = 0; i < rest; ++i) {
            plus += (int32_t)x[i] & -(int32_t)(codes & 1u);
            minus += (int32_t)x[i] & -(int32_t)((codes >> 1) & 1u);
            codes >>= 2;
        }
    }
    return plus - minus;
}

/* acc[o] = the product of x and row o. Every row starts on a byte. */
static void rows_ternary_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                           int32_t *acc)
{
    const int32_t row_bytes = (inputs + 3) / 4;

    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = dot_ternary_x(x, weights, inputs);
        weights += row_bytes;
    }
}
