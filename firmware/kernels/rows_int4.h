/* The sum of x[k] * weight[k] over one row of weights in [-8, 7], two a byte, the first in the low
 * half, stored as weight + 8. */
static int32_t dot_int4_x(const x_t *x, const uint8_t *weights, int32_t inputs)
{
    int32_t sum = 0;

    for (int32_t k = 0; k < inputs; k += 2) {
        const int32_t pair = *weights++;

        sum += (int32_t)x[k] * ((pair & 15) - 8);
        if ((k + 1) < inputs) {
            sum += (int32_t)x[k + 1] * ((pair >> 4) - 8);
        }
    }
    return sum;
}

/* acc[o] = the product of x and row o. Every row starts on a byte. */
static void rows_int4_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                        int32_t *acc)
{
    const int32_t row_bytes = (inputs + 1) / 2;

    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = dot_int4_x(x, weights, inputs);
        weights += row_bytes;
    }
}
