#ifndef STUB_HIMAX_H
#define STUB_HIMAX_H
#include "camera.h"
class HM01B0 : public ImageSensor {};
#endif
