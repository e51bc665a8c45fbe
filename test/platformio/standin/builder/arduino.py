"""The framework: stubs of the calls of an Arduino core, compiled and linked as the core would be."""

import os

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
folder = env.PioPlatform().get_dir()
core = os.path.join(folder, "core")
# What the board's own core adds.
own = os.path.join(folder, "stubs", env.BoardConfig().get("build.core"))
env.Append(CPPDEFINES=[("ARDUINO", 10819)], CPPPATH=[own, core])
for name, sources in (("FrameworkArduino", core), ("FrameworkOwn", own)):
    if not os.path.isdir(sources):
        continue
    env.Append(LIBS=[env.BuildLibrary(os.path.join("$BUILD_DIR", name), sources)])
