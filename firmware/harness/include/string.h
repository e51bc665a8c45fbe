/*
 * The part of <string.h> that a generated model may use, so that the emulated targets need no C
 * library besides the compiler. Implemented in string.c.
 */
#ifndef HARNESS_STRING_H
#define HARNESS_STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);
int strcmp(const char *left, const char *right);

#ifdef __cplusplus
}
#endif

#endif
