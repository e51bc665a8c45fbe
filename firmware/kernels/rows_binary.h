/* The sum of the inputs whose weight is +1, over one row: eight weights a byte from the low bit up, a
 * set bit for +1 and a clear one for -1. */
static int32_t plus_binary_x(const x_t *x, const uint8_t *weights, int32_t inputs)
{
    int32_t plus = 0;

    for (int32_t k = 0; k < inputs; k += 8) {
        const int32_t count = ((inputs - k) < 8) ? (inputs - k) : 8;
        uint32_t bits = *weights++;

        for (int32_t i = 0; i < count; ++i) {
            plus += (int32_t)x[k + i] & -(int32_t)(bits & 1u);
            bits >>= 1;
        }
    }
    return plus;
}

/* acc[o] = the product of x and row o: twice the sum of the inputs with +1, less the sum of all.
 * Every row starts on a byte. */
static void rows_binary_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                          int32_t *acc)
{
    const int32_t row_bytes = (inputs + 7) / 8;
    int32_t all = 0;

    for (int32_t k = 0; k < inputs; ++k) {
        all += x[k];
    }
    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = (2 * plus_binary_x(x, weights, inputs)) - all;
        weights += row_bytes;
    }
}
