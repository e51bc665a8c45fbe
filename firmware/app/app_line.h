/* Lines of JSON on the board's serial line, written as they are made: nothing is stored. */
#ifndef APP_LINE_H
#define APP_LINE_H

#include <stdint.h>

/* Begins a line with its first member. */
void line_begin(const char *name);

/* The next member's name. */
void line_member(const char *name);

void line_number(int32_t number);
void line_unsigned(uint32_t number);
void line_text(const char *text); /* printable ASCII; quotes and backslashes are escaped */
void line_base64(const uint8_t *bytes, uint32_t count);

/* Objects and arrays inside the line. Members of an object begin with line_member. */
void line_open(char bracket);
void line_comma(void);
void line_close(char bracket);

void line_end(void);

#endif /* APP_LINE_H */
