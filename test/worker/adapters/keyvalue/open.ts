/** Runs of the adapter, as the worker would serve them. */
import { resolve } from "node:path";
import adapter from "../../../../src/worker/adapters/keyvalue/adapter.ts";
import type { Buckets, BucketsBucket, Store } from "../../../../src/worker/adapters/keyvalue/bindings.ts";
import type { AdapterContext, OpenAdapter, Result } from "../../../../src/worker/adapters/types.ts";
import type { Imports } from "../../../../src/worker/adapters/keyvalue/bindings.ts";

export interface Run {
  readonly store: Store;
  readonly buckets: Buckets;
}

export function context(config: AdapterContext["config"]): AdapterContext {
  return {
    bundle: "kv",
    config,
    resolvePath: (_key, path) => resolve(path),
    library: undefined,
    openLibrary() {
      throw new TypeError("the adapter has no library");
    },
  };
}

export function open(config: AdapterContext["config"] = {}): OpenAdapter<Imports> {
  return adapter.open(context(config));
}

export function run(opened: OpenAdapter<Imports>): Run {
  const { imports } = opened.serve();
  return {
    store: imports["keyvalue:store/store@0.1.0"],
    buckets: imports["keyvalue:store/buckets@0.1.0"],
  };
}

export function bucket({ buckets }: Run, name = "b"): BucketsBucket {
  return okOf(buckets.Bucket.open(name));
}

/** The payload of `ok`; throws where there is another. */
export function okOf<T>(result: Result<T, { readonly tag: string }>): T {
  if (result.tag === "ok") return result.val;
  throw new TypeError(`expected ok, got ${result.val.tag}`);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value);
}
