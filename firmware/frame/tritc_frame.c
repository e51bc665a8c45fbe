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

/* A pixel of RGB565, by the place of the byte that holds red. Five and six bits repeat to fill eight. */
static void read_rgb565(const uint8_t *from, uint32_t high, uint32_t rgb[3]) {
    const uint32_t first = from[high];
    const uint32_t second = from[1u - high];
    const uint32_t red = first >> 3;
    const uint32_t green = ((first & 7u) << 3) | (second >> 5);
    const uint32_t blue = second & 31u;
    rgb[0] = (red << 3) | (red >> 2);
    rgb[1] = (green << 2) | (green >> 4);
    rgb[2] = (blue << 3) | (blue >> 2);
}

static void convert_gray(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to) {
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            to[i * channels + c] = from[i];
        }
    }
}

static void convert_rgb888(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to) {
    if (channels == 1u) {
        for (uint32_t i = 0; i < count; i++, from += 3) {
            to[i] = luma(from[0], from[1], from[2]);
        }
    } else {
        for (uint32_t i = 0; i < 3u * count; i++) {
            to[i] = from[i];
        }
    }
}

static void convert_rgb565(const uint8_t *from, uint32_t count, uint32_t channels, uint8_t *to,
                           uint32_t high) {
    uint32_t rgb[3];
    if (channels == 1u) {
        for (uint32_t i = 0; i < count; i++) {
            read_rgb565(&from[2u * i], high, rgb);
            to[i] = luma(rgb[0], rgb[1], rgb[2]);
        }
    } else {
        for (uint32_t i = 0; i < count; i++, to += 3) {
            read_rgb565(&from[2u * i], high, rgb);
            to[0] = (uint8_t)rgb[0];
            to[1] = (uint8_t)rgb[1];
            to[2] = (uint8_t)rgb[2];
        }
    }
}

/* `luminance` is the place of Y0 in a pair of pixels. Colours are JFIF's, factors in 1/65536. */
static void convert_yuv(const uint8_t *row, uint32_t x, uint32_t count, uint32_t channels,
                        uint8_t *to, uint32_t luminance) {
    if (channels == 1u) {
        for (uint32_t i = 0; i < count; i++) {
            to[i] = row[2u * (x + i) + luminance];
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++, to += 3) {
        const uint8_t *colour = &row[2u * ((x + i) & ~1u) + 1u - luminance];
        const int32_t y = row[2u * (x + i) + luminance];
        const int32_t u = (int32_t)colour[0] - 128;
        const int32_t v = (int32_t)colour[2] - 128;
        to[0] = clamped(y + rounded(91881 * v));
        to[1] = clamped(y + rounded(-22554 * u - 46802 * v));
        to[2] = clamped(y + rounded(116130 * u));
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

/* Adds the values of `count` pixels from column x on. */
static void add_pixels(const struct tritc_frame *frame, const uint8_t *row, uint32_t x,
                       uint32_t count, uint32_t sums[MOST_CHANNELS]) {
    uint8_t values[CHUNK * MOST_CHANNELS];
    if (frame->format == TRITC_GRAY8 && frame->channels == 1u) {
        for (uint32_t i = 0; i < count; i++) {
            sums[0] += row[x + i];
        }
        return;
    }
    for (uint32_t done = 0; done < count; done += CHUNK) {
        const uint32_t left = count - done;
        const uint32_t some = left < CHUNK ? left : CHUNK;
        convert(frame, row, x + done, some, values);
        if (frame->channels == 1u) {
            for (uint32_t i = 0; i < some; i++) {
                sums[0] += values[i];
            }
        } else {
            for (uint32_t i = 0; i < 3u * some; i += 3u) {
                sums[0] += values[i];
                sums[1] += values[i + 1u];
                sums[2] += values[i + 2u];
            }
        }
    }
}

/*
 * Sums a row of the frame, cropped, into across[width_out * channels]. An element is made of the rest
 * of the pixel that the last one left, of whole pixels, and of a part of one more.
 */
static void shrink_across(struct tritc_frame *frame, const uint8_t *row) {
    const uint32_t channels = frame->channels;
    const uint32_t weight = frame->width_out; /* of a whole pixel */
    const uint32_t most = frame->crop_width / weight;
    const uint32_t more = frame->crop_width % weight;
    uint32_t x = frame->left;
    uint32_t rest = 0;                    /* weight of the pixel that the last element left */
    uint32_t shared[MOST_CHANNELS] = {0}; /* and its values */
    for (uint32_t *element = frame->across; element < &frame->across[weight * channels];
         element += channels) {
        const uint32_t whole = rest <= more ? most : most - 1u;
        const uint32_t part = rest <= more ? more - rest : weight + more - rest;
        uint32_t sums[MOST_CHANNELS] = {0};
        add_pixels(frame, row, x, whole, sums);
        x += whole;
        for (uint32_t c = 0; c < channels; c++) {
            element[c] = rest * shared[c] + weight * sums[c];
            shared[c] = 0;
        }
        rest = 0;
        if (part > 0u) {
            add_pixels(frame, row, x, 1u, shared);
            x++;
            rest = weight - part;
        }
        for (uint32_t c = 0; c < channels; c++) {
            element[c] += part * shared[c];
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
