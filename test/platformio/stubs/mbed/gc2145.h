#ifndef STUB_GC2145_H
#define STUB_GC2145_H
#include "camera.h"
class GC2145 : public ImageSensor {};
#endif
