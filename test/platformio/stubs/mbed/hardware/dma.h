#ifndef STUB_HARDWARE_DMA_H
#define STUB_HARDWARE_DMA_H
#include "hardware/gpio.h"
enum dma_channel_transfer_size { DMA_SIZE_8 = 0, DMA_SIZE_16 = 1, DMA_SIZE_32 = 2 };
typedef struct {
    uint32_t ctrl;
} dma_channel_config;
int dma_claim_unused_channel(bool required);
dma_channel_config dma_channel_get_default_config(uint channel);
void channel_config_set_read_increment(dma_channel_config *config, bool increment);
void channel_config_set_write_increment(dma_channel_config *config, bool increment);
void channel_config_set_transfer_data_size(dma_channel_config *config,
                                           enum dma_channel_transfer_size size);
void channel_config_set_dreq(dma_channel_config *config, uint dreq);
void dma_channel_configure(uint channel, const dma_channel_config *config, volatile void *to,
                           const volatile void *from, uint count, bool trigger);
bool dma_channel_is_busy(uint channel);
void dma_channel_abort(uint channel);
#endif
