import * as trig from "acme:math/trig@1.0.0";
import { getStdout } from "wasi:cli/stdout@0.2.12";

export function polygon(corners) {
  return Array.from({ length: corners }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / corners;
    return { x: trig.cos(angle), y: trig.sin(angle) };
  });
}

export function pathLength(path) {
  let length = 0;
  for (let end = 1; end < path.length; end++) {
    const from = path[end - 1];
    const to = path[end];
    length += trig.hypotenuse(to.x - from.x, to.y - from.y);
  }
  return length;
}

/** The engine has no console: text goes straight to the stream. `text` is ASCII. */
function print(text) {
  getStdout().blockingWriteAndFlush(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

export const run = {
  run() {
    print("degrees       cos       sin\n");
    for (let degrees = 0; degrees <= 90; degrees += 15) {
      const angle = (degrees * Math.PI) / 180;
      const cells = [String(degrees).padStart(7), trig.cos(angle).toFixed(6), trig.sin(angle).toFixed(6)];
      print(`${cells.join("  ")}\n`);
    }
  },
};
