"""The framework: stubs of the calls of an Arduino core, compiled and linked as the core would be."""

import os

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
core = os.path.join(env.PioPlatform().get_dir(), "core")
env.Append(CPPDEFINES=[("ARDUINO", 10819)], CPPPATH=[core])
env.Append(LIBS=[env.BuildLibrary(os.path.join("$BUILD_DIR", "FrameworkArduino"), core)])
