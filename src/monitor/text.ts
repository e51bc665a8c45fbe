import { bytes } from "../report/format.js";
import type { Classified, Event } from "./events.js";

/** An event as a line for people; null for what is not shown as one. */
export function eventText(event: Event, classes: readonly string[]): string | null {
  switch (event.kind) {
    case "hello":
      return `${event.model} (network ${event.network}), ${event.classes.length} classes`;
    case "frame":
      return frameText(event, classes);
    case "error":
      return `camera: ${TROUBLES[event.error] ?? event.error} (${event.failures} in a row)`;
    case "text":
      return event.text;
    case "row":
    case "want":
      return null;
    default:
      return event satisfies never;
  }
}

/** The application's results of a camera, in words. */
const TROUBLES: Readonly<Record<string, string>> = {
  absent: "nothing answers",
  "no-memory": "no memory for a frame of this size",
  "no-format": "the driver does not give this size or format",
  stopped: "no frame came in time",
  damaged: "a frame came that is not whole",
  size: "a frame of another size or format came",
};

function frameText(event: Classified, classes: readonly string[]): string {
  const { frame, label, score, steady, us, free } = event;
  const known = steady < 0 ? "-" : (classes[steady] ?? `${steady}`);
  const times = Object.entries(us).map(([stage, time]) => `${stage} ${milliseconds(time)}`);
  return [
    `${frame}`.padStart(6),
    label.padEnd(12),
    `score ${score}`.padEnd(16),
    `steady ${known}`.padEnd(16),
    times.join(", "),
    ...(free === 0 ? [] : [`${bytes(free)} free`]),
  ]
    .join("  ")
    .trimEnd();
}

function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}
