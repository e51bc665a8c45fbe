/* The part of tritc_board.h that is the same on every board. */
#include "tritc_board.h"

void tritc_board_print(const char *text)
{
    while (*text != '\0') {
        tritc_board_put((uint8_t)*text++);
    }
}

void tritc_board_print_unsigned(uint32_t number)
{
    char digits[11];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + (char)(number % 10u));
        number /= 10u;
    } while (number > 0u);
    tritc_board_print(first);
}

void tritc_board_print_signed(int32_t number)
{
    if (number < 0) {
        tritc_board_put('-');
    }
    tritc_board_print_unsigned(number < 0 ? 0u - (uint32_t)number : (uint32_t)number);
}
