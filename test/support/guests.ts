import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../examples/guests/", import.meta.url);

/** The components of the examples. */
export function exampleGuests(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  return readdirSync(FOLDER).map((name) => ({
    name,
    bytes: readFileSync(new URL(`${name}/app.wasm`, FOLDER)),
  }));
}
