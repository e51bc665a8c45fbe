/* A camera's frame, row by row, to a network's picture. docs/camera.md defines every bit. */
#include "tritc_frame.h"

/* Pixels of a row that are converted at once: an even number, since two may share their colour. */
#define CHUNK 16u
#define MOST_CHANNELS 3u

uint32_t tritc_frame_row_bytes(uint32_t width, enum tritc_pixels format) {
    switch (format) {
    case TRITC_GRAY8:
        return width;
    case TRITC_RGB888:
        return 3u * width;
    case TRITC_RGB565LE:
    case TRITC_RGB565BE:
    case TRITC_YUYV:
    case TRITC_UYVY:
        return 2u * width;
    default:
        return 0;
    }
}

static int shares_colour(enum tritc_pixels format) {
    return format == TRITC_YUYV || format == TRITC_UYVY;
}

int tritc_frame_begin(struct tritc_frame *frame, uint32_t width, uint32_t height,
                      enum tritc_pixels format) {
    const uint32_t out_w = frame->width_out;
    const uint32_t out_h = frame->height_out;
    uint32_t crop_w = width;
    uint32_t crop_h = height;
    if (width == 0u || height == 0u || width > TRITC_FRAME_LARGEST ||
        height > TRITC_FRAME_LARGEST || (shares_colour(format) && width % 2u != 0u)) {
        return 0;
    }
    /* The largest part in the middle that has the picture's aspect. */
    if (width * out_h > height * out_w) {
        crop_w = height * out_w / out_h;
        crop_w += crop_w == 0u ? 1u : 0u;
    } else {
        crop_h = width * out_h / out_w;
        crop_h += crop_h == 0u ? 1u : 0u;
    }
    frame->format = format;
    frame->height = height;
    frame->crop_width = crop_w;
    frame->crop_height = crop_h;
    frame->left = (width - crop_w) / 2u;
    frame->top = (height - crop_h) / 2u;
    frame->next = 0;
    frame->done = 0;
    frame->row_left = 0;
    frame->output_left = crop_h;
    frame->total = (crop_w >= out_w ? crop_w : 1u) * (crop_h >= out_h ? crop_h : 1u);
    for (uint32_t i = 0; i < out_w * frame->channels; i++) {
        frame->down[i] = 0;
    }
    return 1;
}

/* --- Colours ------------------------------------------------------------------------------- */

/* ITU-R BT.601 in 1/65536: red, green and blue of a grey value give that value back. */
static uint8_t luma(uint32_t red, uint32_t green, uint32_t blue) {
    return (uint8_t)((19595u * red + 38470u * green + 7471u * blue + 32768u) >> 16);
}

static uint8_t clamped(int32_t value) {
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* floor(value / 65536 + 1/2) for |value| < 2^24, by a shift of what is never negative. */
static int32_t rounded(int32_t value) {
    return (int32_t)((uint32_t)(value + 0x01008000) >> 16) - 256;
}

static void put_rgb(uint8_t *values, uint32_t channels, uint32_t red, uint32_t green,
                    uint32_t blue) {
    if (channels == 1u) {
        values[0] = luma(red, green, blue);
    } else {
        values[0] = (uint8_t)red;
        values[1] = (uint8_t)green;
        values[2] = (uint8_t)blue;
    }
}

/* JFIF's conversion, with factors in 1/65536. */
static void put_yuv(uint8_t *values, uint32_t channels, int32_t y, int32_t u, int32_t v) {
    if (channels == 1u) {
        values[0] = (uint8_t)y;
    } else {
        values[0] = clamped(y + rounded(91881 * (v - 128)));
        values[1] = clamped(y + rounded(-22554 * (u - 128) - 46802 * (v - 128)));
        values[2] = clamped(y + rounded(116130 * (u - 128)));
    }
}

static void convert_gray(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to) {
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            to[i * channels + c] = from[i];
        }
    }
}

static void convert_rgb888(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to) {
    for (uint32_t i = 0; i < count; i++) {
        put_rgb(&to[i * channels], channels, from[3u * i], from[3u * i + 1u], from[3u * i + 2u]);
    }
}

/* `high` is the place of the byte that holds red. Five and six bits repeat to fill eight. */
static void convert_rgb565(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to,
                           uint32_t high) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t first = from[2u * i + high];
        const uint32_t second = from[2u * i + 1u - high];
        const uint32_t red = first >> 3;
        const uint32_t green = ((first & 7u) << 3) | (second >> 5);
        const uint32_t blue = second & 31u;
        put_rgb(&to[i * channels], channels, (red << 3) | (red >> 2), (green << 2) | (green >> 4),
                (blue << 3) | (blue >> 2));
    }
}

/* `luminance` is the place of Y0 in a pair of pixels. */
static void convert_yuv(const uint8_t *row, uint32_t x, uint32_t count, uint32_t channels,
                        uint8_t *to, uint32_t luminance) {
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *pair = &row[2u * ((x + i) & ~1u)];
        const uint8_t *colour = &pair[1u - luminance];
        put_yuv(&to[i * channels], channels, pair[luminance + 2u * ((x + i) & 1u)], colour[0],
                colour[2]);
    }
}

/* `count` pixels from column x on, in the network's channels. */
static void convert(const struct tritc_frame *frame, const uint8_t *row, uint32_t x,
                    uint32_t count, uint8_t *to) {
    const uint32_t channels = frame->channels;
    switch (frame->format) {
    case TRITC_GRAY8:
        convert_gray(&row[x], count, channels, to);
        break;
    case TRITC_RGB888:
        convert_rgb888(&row[3u * x], count, channels, to);
        break;
    case TRITC_RGB565LE:
        convert_rgb565(&row[2u * x], count, channels, to, 1u);
        break;
    case TRITC_RGB565BE:
        convert_rgb565(&row[2u * x], count, channels, to, 0u);
        break;
    case TRITC_YUYV:
        convert_yuv(row, x, count, channels, to, 0u);
        break;
    case TRITC_UYVY:
        convert_yuv(row, x, count, channels, to, 1u);
        break;
    default:
        break;
    }
}

/* --- Sizes --------------------------------------------------------------------------------- */

/*
 * Both axes are cut into the same length twice: crop * out parts make a side, a source pixel has
 * `out` of them and an element of the picture `crop`. What they share is the pixel's weight. An axis
 * with fewer source pixels than elements takes, for each element, the pixel under its middle.
 */
static uint32_t under_middle(uint32_t element, uint32_t crop, uint32_t out) {
    return (2u * element + 1u) * crop / (2u * out);
}

/* Sums a row of the frame, cropped, into across[width_out * channels]. */
static void shrink_across(struct tritc_frame *frame, const uint8_t *row) {
    const uint32_t channels = frame->channels;
    const uint32_t weight = frame->width_out;
    uint32_t *sums = frame->across;
    uint32_t needed = frame->crop_width; /* by the element being summed */
    uint8_t values[CHUNK * MOST_CHANNELS];
    for (uint32_t i = 0; i < frame->width_out * channels; i++) {
        frame->across[i] = 0;
    }
    for (uint32_t x = 0; x < frame->crop_width; x += CHUNK) {
        const uint32_t left = frame->crop_width - x;
        const uint32_t count = left < CHUNK ? left : CHUNK;
        convert(frame, row, frame->left + x, count, values);
        for (uint32_t i = 0; i < count; i++) {
            const uint8_t *value = &values[i * channels];
            const uint32_t here = weight < needed ? weight : needed;
            for (uint32_t c = 0; c < channels; c++) {
                sums[c] += here * value[c];
            }
            needed -= here;
            if (needed == 0u) {
                sums += channels;
                needed = frame->crop_width - (weight - here);
                for (uint32_t c = 0; weight > here && c < channels; c++) {
                    sums[c] += (weight - here) * value[c];
                }
            }
        }
    }
}

static void stretch_across(struct tritc_frame *frame, const uint8_t *row) {
    const uint32_t channels = frame->channels;
    uint8_t value[MOST_CHANNELS];
    for (uint32_t x = 0; x < frame->width_out; x++) {
        const uint32_t from = under_middle(x, frame->crop_width, frame->width_out);
        convert(frame, row, frame->left + from, 1u, value);
        for (uint32_t c = 0; c < channels; c++) {
            frame->across[x * channels + c] = value[c];
        }
    }
}

void tritc_frame_add(struct tritc_frame *frame, const uint8_t *pixels) {
    const uint32_t row = frame->next;
    frame->next += row < frame->height ? 1u : 0u;
    frame->row_left = 0;
    if (row < frame->top || row - frame->top >= frame->crop_height) {
        return;
    }
    frame->row_left = frame->height_out;
    if (frame->crop_width >= frame->width_out) {
        shrink_across(frame, pixels);
    } else {
        stretch_across(frame, pixels);
    }
}

/* Adds to the row of the picture what the last row of the frame gives it. Returns 1 when that
 * completes it. */
static int gather_down(struct tritc_frame *frame) {
    const uint32_t elements = frame->width_out * frame->channels;
    uint32_t weight = 1;
    int complete = 1;
    if (frame->crop_height >= frame->height_out) {
        weight = frame->row_left < frame->output_left ? frame->row_left : frame->output_left;
        frame->row_left -= weight;
        frame->output_left -= weight;
        complete = frame->output_left == 0u;
        if (complete) {
            frame->output_left = frame->crop_height;
        }
    } else if (frame->top + under_middle(frame->done, frame->crop_height, frame->height_out) !=
               frame->next - 1u) {
        return 0;
    }
    for (uint32_t i = 0; i < elements; i++) {
        frame->down[i] += weight * frame->across[i];
    }
    return complete;
}

int tritc_frame_take(struct tritc_frame *frame, uint8_t *row) {
    const uint32_t elements = frame->width_out * frame->channels;
    if (frame->row_left == 0u || frame->done == frame->height_out || !gather_down(frame)) {
        return 0;
    }
    for (uint32_t i = 0; i < elements; i++) {
        row[i] = (uint8_t)((frame->down[i] + frame->total / 2u) / frame->total);
        frame->down[i] = 0;
    }
    frame->done++;
    return 1;
}
