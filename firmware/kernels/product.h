/* a[i] = (a[i] - zero_a) * (b[i] - zero_b). */
static void product(int32_t *a, const int32_t *b, int32_t count, int32_t zero_a, int32_t zero_b)
{
    for (int32_t i = 0; i < count; ++i) {
        a[i] = (a[i] - zero_a) * (b[i] - zero_b);
    }
}
