/* acc[o] = `start` plus the product of x and row o plus the tables' `bias` for each four inputs. A byte
 * holds four weights: blocks of four bytes a row, each for all rows, then one byte for all rows. */
static void lut4_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                   int32_t start, uint32_t bias, uint32_t *tables, int32_t *acc)
{
    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = start;
    }
    for (; inputs >= 16; inputs -= 16) {
        uint32_t *table = tables;

        for (int32_t i = 0; i < 4; ++i) {
            table = lut4_table_x(x, bias, table);
            x += 4;
        }
        lut4_rows(weights, outputs, tables, acc);
        weights += 4 * outputs;
    }
    for (; inputs > 0; inputs -= 4) {
        x_t last[4] = {0, 0, 0, 0};

        for (int32_t i = 0; (i < 4) && (i < inputs); ++i) {
            last[i] = *x++;
        }
        (void)lut4_table_x(last, bias, tables);
        for (int32_t o = 0; o < outputs; ++o) {
            acc[o] += lut4_entry(tables, *weights++);
        }
    }
}
