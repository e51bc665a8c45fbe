/* One half of a word that is written whole. The low half comes first. */
#if defined(__BYTE_ORDER__) && (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
#error "halves of words are read as they stand in little-endian memory"
#endif
#if defined(__GNUC__)
typedef uint16_t __attribute__((__may_alias__)) tritc_half;
#else
typedef uint16_t tritc_half;
#endif
