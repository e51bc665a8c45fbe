/* Arduino core 2 of espressif32@6 stands on ESP-IDF 4.4; STUB_IDF tries another. */
#ifndef STUB_ESP_IDF_VERSION_H
#define STUB_ESP_IDF_VERSION_H
#ifdef STUB_IDF
#define ESP_IDF_VERSION_MAJOR STUB_IDF
#else
#define ESP_IDF_VERSION_MAJOR 4
#endif
#endif
