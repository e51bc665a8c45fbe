/* Two rows of trits in one multiplication. A 16-bit lane holds (w + 1) + (v << 14), w of the first row
 * and v of the second, so that a product of lanes adds x * (w + 1) to the low 14 bits of a sum and
 * x * v to the 18 bits above. A word of weights holds eight columns of such lanes: rotated right by 0,
 * 4, 8 and 12 bits and masked, it gives two of them each time.
 *
 * Sums start with -(sum of x), which takes the 1 of (w + 1) off again, and in the middle of the range
 * of both fields, so that they never borrow. The compiler has proved that over one chunk of columns the
 * sums of the first row fit 14 bits, and those of the second 18; on the way they may wrap. */
#define TRITC_DUAL_MASK 0xc003c003u
#define TRITC_DUAL_LOW 8192
#define TRITC_DUAL_HIGH 131072

/* A layer's packed weights: rows in pairs, the last of which may lack its second. */
struct tritc_dual {
    const uint32_t *weights;
    const uint8_t *chunks; /* the blocks of eight columns in each */
    int32_t chunk_count;
    int32_t blocks;  /* in all chunks */
    int32_t inputs;  /* columns */
    int32_t outputs; /* rows */
};

static inline uint32_t dual_start(uint32_t sum_of_inputs)
{
    return ((uint32_t)TRITC_DUAL_LOW + ((uint32_t)TRITC_DUAL_HIGH << 14)) - sum_of_inputs;
}

static inline void dual_add(uint32_t sum, int32_t *acc)
{
    acc[0] += (int32_t)(sum & 0x3fffu);
    acc[1] += (int32_t)(sum >> 14);
}

static inline uint32_t dual_lanes(uint32_t weights, uint32_t rotation)
{
    return ((weights >> rotation) | (weights << ((32u - rotation) & 31u))) & TRITC_DUAL_MASK;
}
