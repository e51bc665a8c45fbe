/* Products with weights of one bit by tables: of every four inputs all sums and differences are made once,
 * and each row looks up two of them with a byte. Tables of 32 inputs stand side by side: entry n of the
 * table of inputs 4 t to 4 t + 3 is half t of words 4 n to 4 n + 3, `bias` more than its sum so that none
 * is negative. A set bit is for +1. */
static inline void binary_entries(uint32_t lowest, const uint32_t *twice, uint32_t *tables)
{
    const uint32_t third = twice[2];
    const uint32_t fourth = twice[3];

    for (int32_t n = 0; n < 4; ++n) {
        const uint32_t entry = lowest + (((n & 1) != 0) ? twice[0] : 0u) + (((n & 2) != 0) ? twice[1] : 0u);

        tables[4 * n] = entry;
        tables[4 * (n + 4)] = entry + third;
        tables[4 * (n + 8)] = entry + fourth;
        tables[4 * (n + 12)] = entry + third + fourth;
    }
}

/* The two tables of each eight inputs at once. */
static inline void binary_tables_x(const x_t *x, int32_t inputs, uint32_t bias, uint32_t *tables)
{
    const int32_t count = (inputs < 32) ? inputs : 32;

    for (int32_t k = 0; k < count; k += 8) {
        uint32_t lowest = bias * 0x00010001u;
        uint32_t twice[4];

        for (int32_t i = 0; i < 4; ++i) {
            const int32_t low = ((k + i) < count) ? x[k + i] : 0;
            const int32_t high = ((k + 4 + i) < count) ? x[k + 4 + i] : 0;
            const uint32_t both = word_of(low) + (word_of(high) << 16);

            lowest -= both;
            twice[i] = 2u * both;
        }
        binary_entries(lowest, twice, tables);
        ++tables;
    }
}

static inline int32_t binary_byte(const tritc_half *tables, uint32_t byte)
{
    return (int32_t)tables[8u * (byte & 15u)] + (int32_t)tables[(8u * (byte >> 4)) + 1u];
}

/* acc[o] = the product of x and row o, from `start` on, which takes off what tables add. Weights are bytes
 * of eight inputs, the first in the low bit: for every 32 inputs those of all rows. */
static void lut_binary_x(const x_t *x, const uint8_t *weights, int32_t inputs, int32_t outputs,
                         int32_t start, uint32_t bias, uint32_t *words, int32_t *acc)
{
    const tritc_half *tables = (const tritc_half *)words;

    for (int32_t o = 0; o < outputs; ++o) {
        acc[o] = start;
    }
    for (int32_t k = 0; k < inputs; k += 32) {
        const int32_t left = inputs - k;

        binary_tables_x(&x[k], left, bias, words);
        if (left > 24) {
            for (int32_t o = 0; o < outputs; ++o) {
                acc[o] += binary_byte(&tables[0], weights[0]) + binary_byte(&tables[2], weights[1]) +
                          binary_byte(&tables[4], weights[2]) + binary_byte(&tables[6], weights[3]);
                weights += 4;
            }
        } else {
            for (int32_t o = 0; o < outputs; ++o) {
                for (int32_t t = 0; (4 * t) < left; t += 2) {
                    acc[o] += binary_byte(&tables[t], *weights);
                    ++weights;
                }
            }
        }
    }
}
