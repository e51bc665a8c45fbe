/* The sum of x[k] * (weight[k] + 1) over one row. Five trits a byte: their number in base 3, the first in
 * front, is 256 / 243 of itself and rounded up, so that three times the byte has the first trit, plus 1,
 * above its low eight bits and the others in them. */
static int32_t sum_base3_x(const x_t *x, const uint8_t *weights, int32_t inputs)
{
    int32_t sum = 0;

    for (int32_t k = 0; k < inputs; k += 5) {
        const int32_t count = ((inputs - k) < 5) ? (inputs - k) : 5;
        uint32_t rest = *weights++;

        for (int32_t i = 0; i < count; ++i) {
            rest *= 3u;
            sum += (int32_t)x[k + i] * (int32_t)(rest >> 8);
            rest &= 0xffu;
        }
    }
    return sum;
}

/* acc[o] = the product of x and row o. Every row starts on a byte. */
static void rows_base3_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                         int32_t *acc)
{
    const int32_t row_bytes = (inputs + 4) / 5;
    int32_t all = 0;

    for (int32_t k = 0; k < inputs; ++k) {
        all += x[k];
    }
    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = sum_base3_x(x, weights, inputs) - all;
        weights += row_bytes;
    }
}
