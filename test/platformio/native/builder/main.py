from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
flags = {name: env.get(name, []) for name in ("CFLAGS", "CXXFLAGS")}
env.Tool("gcc")
env.Tool("g++")
env.Append(**flags)
env.Replace(SIZETOOL=None)  # a workstation has no flash to be full

program = env.BuildProgram()
run = env.VerboseAction("$SOURCE $PROGRAM_ARGS", "Executing $SOURCE")
AlwaysBuild(env.Alias("exec", program, run))
AlwaysBuild(env.Alias("upload", program, run))
Default([program])
