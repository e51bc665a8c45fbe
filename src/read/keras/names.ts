/** Names under which the two halves of a Keras model lie beside each other. */

/** Where the architecture of a file of weights may be: `x_weights.h5` and `x.json`, and so on. */
export function besideOf(file: string): readonly string[] {
  const stem = file.replace(/\.(weights\.)?(h5|hdf5|keras)$/i, "");
  const short = stem.replace(/[._-]?weights?$/i, "");
  const names = [
    `${stem}.json`,
    `${short}.json`,
    `${short}_architecture.json`,
    `${short}_config.json`,
  ];
  return [...new Set(names)].filter((name) => name !== file && !name.startsWith("."));
}

/** Where the weights of an architecture may be. */
export function weightsBesideOf(file: string): readonly string[] {
  const stem = file.replace(/\.json$/i, "");
  const short = stem.replace(/[._-]?(architecture|config)$/i, "");
  const names = [stem, short].flatMap((name) => [
    `${name}_weights.h5`,
    `${name}.weights.h5`,
    `${name}.h5`,
    `${name}.hdf5`,
  ]);
  return [...new Set(names)];
}
