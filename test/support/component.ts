import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";

export interface GuestSource {
  /** The core module as WAT, with the Canonical ABI's import and export names. */
  readonly wat: string;
  readonly wit: string;
  readonly world?: string;
  readonly stringEncoding?: "utf8" | "utf16" | "compact-utf16";
}

/** Builds a component from a core module in WAT and the WIT of its world. */
export async function buildComponent(guest: GuestSource): Promise<Uint8Array> {
  const embedded = await componentEmbed({
    binary: await parse(guest.wat),
    witSource: guest.wit,
    ...(guest.world === undefined ? {} : { world: guest.world }),
    ...(guest.stringEncoding === undefined ? {} : { stringEncoding: guest.stringEncoding }),
  });
  return componentNew(embedded, []);
}
