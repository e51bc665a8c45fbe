/* The same with blocks of eight bytes a row before the others: half as many visits of `acc`, for cores
 * whose loads take an offset beside a base. */
static void lut4_wide_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                        int32_t start, uint32_t bias, uint32_t *tables, int32_t *acc)
{
    const int32_t whole = inputs & ~31;

    lut4_x(&x[whole], &weights[(whole / 4) * outputs], inputs - whole, outputs, start, bias, tables,
           acc);
    for (int32_t k = 0; k < whole; k += 32) {
        uint32_t *table = tables;

        for (int32_t i = 0; i < 8; ++i) {
            table = lut4_table_x(x, bias, table);
            x += 4;
        }
        lut4_rows8(weights, outputs, tables, acc);
        weights += 8 * outputs;
    }
}
