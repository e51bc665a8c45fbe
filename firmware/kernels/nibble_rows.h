/* Rows of four bits, weight + 8: a word holds two rows by four columns, the even ones of the first row, of
 * the second, then the odd ones; each as two lanes, sixteen bits apart. Sums start at -8 * (sum of x). */
#define TRITC_NIBBLES 0x000f000fu
