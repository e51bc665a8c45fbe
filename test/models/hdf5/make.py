"""Small HDF5 files that ask their reader for much: h5py and the HDF5 library write them as told."""

import h5py
import numpy as np

with h5py.File("huge_shape.h5", "w") as f:
    f.create_dataset("a", shape=(2**40,), chunks=(1024,), dtype="f4", compression="gzip")

with h5py.File("many_large.h5", "w") as f:
    for i in range(8):
        f.create_dataset(f"a{i}", shape=(2**24,), chunks=(2**16,), dtype="f4", compression="gzip")

with h5py.File("deep.h5", "w") as f:
    f.create_group("/".join("abcdefgh" * 8))

with h5py.File("circle.h5", "w") as f:
    above = f.create_group("a")
    above.create_group("b")["up"] = above

with h5py.File("links.h5", "w") as f:
    f["other"] = h5py.ExternalLink("/etc/hostname", "/")
    f["broken"] = h5py.SoftLink("/nowhere")
    f["self"] = h5py.SoftLink("/self")

with h5py.File("external.h5", "w") as f:
    f.create_dataset("a", shape=(8,), dtype="u1", external=[("/etc/hostname", 0, 8)])

with h5py.File("types.h5", "w") as f:
    f["big_endian"] = np.arange(3, dtype=">f4")
    f["texts"] = ["a", "b"]
    f["int64"] = np.array([1, -2, 2**40])
    f["bool"] = np.array([True, False])
    f["scalar"] = np.float32(2.5)
    f["empty"] = np.zeros((0, 3), np.float32)
    f["matrix"] = np.arange(6, dtype=np.float64).reshape(2, 3)
