import { assetText } from "../assets.js";
import { networkHash } from "../network/serialize.js";
import type { Network } from "../network/types.js";
import { commentText } from "./names.js";
import { render } from "./templates.js";
import type { FileMap, Provenance } from "./types.js";

/** Files that every model's share; their names are tritc's own. */
const SHARED = ["tritc_serial.h", "tritc_serial.c", "tritc_ticks.h"] as const;

/** Bytes of the network's hash by which a device and a workstation know that they mean the same. */
const FINGERPRINT_BYTES = 8;

/** The first bytes of the network's SHA-256, in hexadecimal. */
export function fingerprintOf(network: Network): string {
  return networkHash(network).slice(0, 2 * FINGERPRINT_BYTES);
}

/**
 * The device's side of `tritc verify --port`: `<name>_serial.h`, `<name>_serial.c` and the files
 * that all models share. `name` has passed `checkModelName`.
 */
export function serialFiles(network: Network, name: string, provenance: Provenance): FileMap {
  const bytes = fingerprintOf(network).match(/../g) ?? [];
  const view = {
    name,
    upper: name.toUpperCase(),
    version: provenance.version,
    source: commentText(provenance.source),
    fingerprint: bytes.map((byte) => `0x${byte}`).join(", "),
    layers: network.layers.length,
  };
  return new Map([
    [`${name}_serial.h`, render("serial/model_serial.h.hbs", view)],
    [`${name}_serial.c`, render("serial/model_serial.c.hbs", view)],
    ...SHARED.map((file) => [file, assetText(`firmware/serial/${file}`)] as const),
  ]);
}
