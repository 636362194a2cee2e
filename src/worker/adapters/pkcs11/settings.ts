/** `[host.config]` of a bundle that uses the adapter. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { HostbundleError } from "../../../shared/errors.ts";
import { ConfigReader } from "../config.ts";
import type { AdapterContext } from "../types.ts";
import { MAX_PIN_BYTES } from "./limits.ts";

export interface Settings {
  /** Slots that guests may see; absent: all. */
  readonly slots: ReadonlySet<bigint> | undefined;
  /** Labels of tokens that guests may see; absent: all. */
  readonly tokenLabels: ReadonlySet<string> | undefined;
  /** The user's PIN where the host has it. Read for each login, a copy that the caller wipes. */
  readonly readPin: (() => Uint8Array) | undefined;
  /** No read-write sessions. */
  readonly readOnly: boolean;
  /** Initialise tokens and user PINs, log in as security officer. */
  readonly allowTokenInit: boolean;
  readonly allowPinChange: boolean;
  /** Bring keys in: those of `create-object` and `unwrap`. */
  readonly allowImport: boolean;
  /** Destroy objects that are stored in the token. */
  readonly allowDestroy: boolean;
}

/** Where the host's own PIN is; read for each login. */
export function pinFile(context: AdapterContext): string | undefined {
  const path = context.config["pin-file"];
  return typeof path === "string" ? context.resolvePath("pin-file", path) : undefined;
}

/** Throws CONFIG_INVALID. */
export function readSettings(context: AdapterContext): Settings {
  const config = new ConfigReader(context);
  const slots = config.integers("slots");
  const labels = config.strings("token-labels");
  const pinFile = config.path("pin-file");
  const settings: Settings = {
    slots: slots === undefined ? undefined : new Set(slots.map(BigInt)),
    tokenLabels: labels === undefined ? undefined : new Set(labels),
    readPin: pinFile === undefined ? undefined : () => readPinFile(pinFile, context.bundle),
    readOnly: config.boolean("read-only") ?? false,
    allowTokenInit: config.boolean("allow-token-init") ?? false,
    allowPinChange: config.boolean("allow-pin-change") ?? false,
    allowImport: config.boolean("allow-import") ?? false,
    allowDestroy: config.boolean("allow-destroy") ?? false,
  };
  config.finish();
  settings.readPin?.().fill(0);
  return settings;
}

/** The first line of the file. Nothing of it outlives the array. */
function readPinFile(path: string, bundle: string): Uint8Array {
  const room = new Uint8Array(MAX_PIN_BYTES + 1);
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (!fstatSync(file).isFile()) throw new RangeError("it is no regular file");
    const length = readSync(file, room, 0, room.length, 0);
    const line = room.subarray(0, length).findIndex((byte) => byte === 0x0a || byte === 0x0d);
    const bytes = line === -1 ? length : line;
    if (bytes === 0 || bytes > MAX_PIN_BYTES)
      throw new RangeError(`its first line must have 1 to ${MAX_PIN_BYTES} bytes`);
    return room.slice(0, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HostbundleError("CONFIG_INVALID", `the pin-file of host bundle "${bundle}" is not usable`, {
      bundle,
      findings: [{ message: why, where: { file: path } }],
      help: "its first line is the user's PIN",
    });
  } finally {
    if (file !== undefined) closeSync(file);
    room.fill(0);
  }
}
