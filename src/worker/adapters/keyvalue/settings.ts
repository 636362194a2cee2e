/** `[host.config]` of a key-value bundle: what a store may hold, and where it is kept. */
import { ConfigReader } from "../config.ts";
import type { AdapterContext } from "../types.ts";

const MIB = 1024 ** 2;

/** LMDB's own bound is 1,978 bytes, with the bucket's name. */
const MAX_PERSISTENT_KEY_BYTES = 1024;
/** The payload of `full` and `key-too-long` is a u32. */
const MAX_U32 = 2 ** 32 - 1;

/** Of all buckets together. */
export interface Limits {
  /** In memory each takes a few hundred bytes that `maxTotalBytes` does not count. */
  readonly maxKeys: number;
  readonly maxKeyBytes: number;
  readonly maxValueBytes: number;
  /** Keys and values. */
  readonly maxTotalBytes: number;
}

export interface Settings {
  readonly limits: Limits;
  /** Absolute; absent: in memory, anew for each run. */
  readonly path: string | undefined;
  readonly isReadOnly: boolean;
}

/** Throws CONFIG_INVALID with all that is wrong. */
export function readSettings(context: AdapterContext): Settings {
  const config = new ConfigReader(context);
  const path = config.path("path");
  const isReadOnly = config.boolean("read-only") ?? false;
  const limits: Limits = {
    maxKeys: config.integer("max-keys") ?? (path === undefined ? 100_000 : 1_000_000),
    maxKeyBytes: config.bytes("max-key-bytes") ?? 1024,
    maxValueBytes: config.bytes("max-value-bytes") ?? 16 * MIB,
    maxTotalBytes: config.bytes("max-total-bytes") ?? (path === undefined ? 64 : 1024) * MIB,
  };
  if (isReadOnly && path === undefined)
    config.fault("read-only = true is for a store that is kept", 'add path = "…"');
  if (limits.maxKeys > MAX_U32) config.fault(`max-keys must be at most ${MAX_U32}`);
  const most = path === undefined ? MAX_U32 : MAX_PERSISTENT_KEY_BYTES;
  if (limits.maxKeyBytes > most)
    config.fault(
      `max-key-bytes must be at most ${most}${path === undefined ? "" : " for a store that is kept"}`,
    );
  config.finish();
  return { limits, path, isReadOnly };
}
