/* Rows of a table, one for each element; ids outside it take the nearest row. */
static void lookup_x(const x_t *x, int32_t count, const int8_t *table, int32_t rows,
                     int32_t columns, int8_t *y)
{
    for (int32_t i = 0; i < count; ++i) {
        const int32_t id = x[i];
        const int32_t above = (id > 0) ? id : 0;
        const int32_t row = (above < rows) ? above : (rows - 1);

        for (int32_t c = 0; c < columns; ++c) {
            *y++ = table[(row * columns) + c];
        }
    }
}
