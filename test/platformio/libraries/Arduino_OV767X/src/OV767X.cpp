#include "Arduino_OV767X.h"

#include <stdint.h>

/* What no compiler can see through: the sensor. */
static volatile int sensor;

int OV767X::begin(int resolution, int format, int fps) { return resolution + format + fps + sensor; }
void OV767X::end() { sensor = 0; }
int OV767X::width() const { return sensor; }
int OV767X::height() const { return sensor; }
void OV767X::readFrame(void *buffer) { *static_cast<uint8_t *>(buffer) = static_cast<uint8_t>(sensor); }
OV767X Camera;
