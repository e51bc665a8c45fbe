#include <Arduino.h>
#include <esp_camera.h>
#include <esp_task_wdt.h>

/* What no compiler can see through: the hardware and its libraries. */
static volatile uint32_t hardware;

bool psramFound() { return hardware != 0u; }
uint32_t EspClass::getFreeHeap() { return hardware; }
void EspClass::restart() { hardware = 0; }
EspClass ESP;

esp_err_t esp_task_wdt_init(uint32_t timeout, bool panic) { hardware = timeout + panic; return 0; }
esp_err_t esp_task_wdt_add(TaskHandle_t handle) { hardware = handle == nullptr; return 0; }
esp_err_t esp_task_wdt_reset(void) { hardware = 0; return 0; }

esp_err_t esp_camera_init(const camera_config_t *config) { return config->pin_d0 + static_cast<int>(hardware); }
esp_err_t esp_camera_deinit(void) { return static_cast<int>(hardware); }
camera_fb_t *esp_camera_fb_get(void) { static camera_fb_t frame; return hardware != 0u ? &frame : nullptr; }
void esp_camera_fb_return(camera_fb_t *frame) { hardware = frame->len; }
