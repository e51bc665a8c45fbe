/* acc[0] += the entries of eight tables that eight bytes of weights choose. */
static inline void lut4_row8(const uint8_t *weights, const uint32_t *tables, int32_t *acc)
{
    *acc += lut4_entry(tables, weights[0]) + lut4_entry(&tables[45], weights[1]) +
            lut4_entry(&tables[90], weights[2]) + lut4_entry(&tables[135], weights[3]) +
            lut4_entry(&tables[180], weights[4]) + lut4_entry(&tables[225], weights[5]) +
            lut4_entry(&tables[270], weights[6]) + lut4_entry(&tables[315], weights[7]);
}

/* acc[o] += the same for each row o of eight bytes. */
static void lut4_rows8(const uint8_t *weights, int32_t outputs, const uint32_t *tables, int32_t *acc)
{
    const int32_t *end = &acc[outputs];

    while ((end - acc) >= 4) {
        lut4_row8(weights, tables, acc);
        lut4_row8(&weights[8], tables, &acc[1]);
        lut4_row8(&weights[16], tables, &acc[2]);
        lut4_row8(&weights[24], tables, &acc[3]);
        weights += 32;
        acc += 4;
    }
    while (acc != end) {
        lut4_row8(weights, tables, acc);
        weights += 8;
        ++acc;
    }
}
