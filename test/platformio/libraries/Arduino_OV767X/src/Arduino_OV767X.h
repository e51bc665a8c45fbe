/* https://github.com/arduino-libraries/Arduino_OV767X, version 0.0.2. */
#ifndef STUB_ARDUINO_OV767X_H
#define STUB_ARDUINO_OV767X_H

enum { YUV422 = 0, RGB444 = 1, RGB565 = 2, GRAYSCALE = 4 };
enum { VGA = 0, CIF = 1, QVGA = 2, QCIF = 3, QQVGA = 4 };

class OV767X {
  public:
    int begin(int resolution, int format, int fps);
    void end();
    int width() const;
    int height() const;
    void readFrame(void *buffer);
};
extern OV767X Camera;
#endif
