/* The sum of x[k] * weight[k] over one row of weights in [-128, 127], stored as weight + 128. */
static int32_t dot_int8_x(const x_t *x, const uint8_t *weights, int32_t inputs)
{
    int32_t sum = 0;

    for (int32_t k = 0; k < inputs; ++k) {
        sum += (int32_t)x[k] * ((int32_t)weights[k] - 128);
    }
    return sum;
}

/* acc[o] = the product of x and row o. */
static void rows_int8_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                        int32_t *acc)
{
    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = dot_int8_x(x, weights, inputs);
        weights += inputs;
    }
}
