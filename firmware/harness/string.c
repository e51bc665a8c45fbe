/*
 * The memory functions of the emulated targets: words where both sides are aligned, bytes else.
 * Compiled with -fno-tree-loop-distribute-patterns, so that no loop becomes a call of itself.
 */
#include <stdint.h>
#include <string.h>

/* Words that may alias anything, as the bytes they stand for may. */
typedef uint32_t __attribute__((may_alias)) word;

static int aligned(const void *pointer) {
    return ((uintptr_t)pointer & (sizeof(word) - 1u)) == 0u;
}

static void *copy_up(void *to, const void *from, size_t bytes) {
    unsigned char *out = to;
    const unsigned char *in = from;
    if (aligned(to) && aligned(from)) {
        word *wide_out = to;
        const word *wide_in = from;
        size_t words = bytes / sizeof(word);
        for (size_t i = 0; i < words; i++) {
            wide_out[i] = wide_in[i];
        }
        out += words * sizeof(word);
        in += words * sizeof(word);
        bytes -= words * sizeof(word);
    }
    while (bytes-- > 0u) {
        *out++ = *in++;
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    return copy_up(to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes) {
    if ((uintptr_t)to <= (uintptr_t)from) {
        return copy_up(to, from, bytes);
    }
    unsigned char *out = to;
    const unsigned char *in = from;
    while (bytes-- > 0u) {
        out[bytes] = in[bytes];
    }
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    unsigned char *out = to;
    const unsigned char byte = (unsigned char)value;
    if (aligned(to)) {
        word *wide = to;
        const word pattern = byte * 0x01010101u;
        size_t words = bytes / sizeof(word);
        for (size_t i = 0; i < words; i++) {
            wide[i] = pattern;
        }
        out += words * sizeof(word);
        bytes -= words * sizeof(word);
    }
    while (bytes-- > 0u) {
        *out++ = byte;
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
    const unsigned char *a = left;
    const unsigned char *b = right;
    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

int strcmp(const char *left, const char *right) {
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return (int)(unsigned char)*left - (int)(unsigned char)*right;
}
