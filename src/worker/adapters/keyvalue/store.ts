/** `keyvalue:store/store`: strings under strings. */
import { HostbundleError } from "../../../shared/errors.ts";
import { err, ok } from "../result.ts";
import type { Result } from "../types.ts";
import type { BucketsError, Store, StoreError } from "./bindings.ts";
import type { Keyspace } from "./keyspace.ts";
import { Refusal } from "./space.ts";
import { decode, encode } from "./text.ts";

/** No guest can open a bucket of this name. */
const BUCKET = "";

const INTERFACE = "keyvalue:store/store@0.1.0";

/** Functions without `this`: that is how they are called. */
export function storeOf(keyspace: Keyspace, bundle: string): Store {
  const attempt = <T>(name: string, action: () => T): Result<T, StoreError> => {
    try {
      return ok(action());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return err(storeError(error.reason, keyspace, bundle, name));
    }
  };
  /** Of functions that cannot say no. */
  const perform = <T>(name: string, action: () => T): T => {
    const result = attempt(name, action);
    if (result.tag === "ok") return result.val;
    throw new HostbundleError("INTERNAL", `the store refused ${name}: ${result.val.tag}`);
  };
  return {
    set: (key, value) =>
      flat(
        attempt("set", () =>
          keyspace.write((space) => {
            if (space.has(BUCKET, key)) return err({ tag: "key-exists" });
            keyspace.put(BUCKET, key, encode(value));
            return ok();
          }),
        ),
      ),
    get: (key) => perform("get", () => keyspace.read((space) => text(space.get(BUCKET, key)))),
    delete: (key) =>
      flat(
        attempt("delete", () =>
          keyspace.write((space) => (space.remove(BUCKET, key) ? ok() : err({ tag: "no-such-key" }))),
        ),
      ),
    listKeys: () => perform("list-keys", () => keyspace.read((space) => space.list(BUCKET))),
    exists: (key) => perform("exists", () => keyspace.read((space) => space.has(BUCKET, key))),
    clear: () => perform("clear", () => keyspace.write(() => keyspace.clear(BUCKET))),
  };
}

function flat<T>(result: Result<Result<T, StoreError>, StoreError>): Result<T, StoreError> {
  return result.tag === "ok" ? result.val : result;
}

/** Throws what this interface has no words for. */
function storeError(reason: BucketsError, keyspace: Keyspace, bundle: string, name: string): StoreError {
  switch (reason.tag) {
    case "full":
    case "key-too-long":
    case "value-too-large":
      return { tag: "full", val: keyspace.read((space) => space.usage.keys) };
    case "read-only":
      throw fault(bundle, name, "it may only be read (`read-only` in its config)");
    case "storage":
      throw fault(bundle, name, reason.val);
    default:
      throw new HostbundleError("INTERNAL", `the store refused ${name}: ${reason.tag}`);
  }
}

function fault(bundle: string, name: string, reason: string): HostbundleError {
  return new HostbundleError("HOST_FAULT", `the store of host bundle "${bundle}" cannot do that: ${reason}`, {
    bundle,
    function: `${INTERFACE}#${name}`,
  });
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : decode(bytes);
}
