#include "app_line.h"

#include "tritc_board.h"

static int first = 1; /* of the members of the innermost object */

void line_begin(const char *name) {
    tritc_board_print("{");
    first = 1;
    line_member(name);
}

void line_member(const char *name) {
    if (!first) {
        tritc_board_print(",");
    }
    first = 0;
    line_text(name);
    tritc_board_print(":");
}

void line_number(int32_t number) {
    tritc_board_print_signed(number);
}

void line_unsigned(uint32_t number) {
    tritc_board_print_unsigned(number);
}

void line_text(const char *text) {
    tritc_board_print("\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            tritc_board_print("\\");
        }
        tritc_board_put((uint8_t)*text);
    }
    tritc_board_print("\"");
}

static void put_base64(uint32_t value) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    tritc_board_put((uint8_t)digits[value & 63u]);
}

/* RFC 4648. */
void line_base64(const uint8_t *bytes, uint32_t count) {
    tritc_board_print("\"");
    for (uint32_t i = 0; i < count; i += 3u) {
        const uint32_t left = count - i;
        const uint32_t second = left > 1u ? bytes[i + 1u] : 0u;
        const uint32_t third = left > 2u ? bytes[i + 2u] : 0u;
        const uint32_t word = ((uint32_t)bytes[i] << 16) | (second << 8) | third;
        put_base64(word >> 18);
        put_base64(word >> 12);
        if (left > 1u) {
            put_base64(word >> 6);
        }
        if (left > 2u) {
            put_base64(word);
        }
        tritc_board_print(left == 1u ? "==" : left == 2u ? "=" : "");
    }
    tritc_board_print("\"");
}

void line_open(char bracket) {
    tritc_board_put((uint8_t)bracket);
    first = 1;
}

void line_comma(void) {
    tritc_board_print(",");
}

void line_close(char bracket) {
    tritc_board_put((uint8_t)bracket);
    first = 0;
}

void line_end(void) {
    tritc_board_print("}\n");
}
