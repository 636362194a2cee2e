/** The static adapter of key-value stores: `wit/keyvalue.wit` in memory, or in an LMDB file. */
import type { Adapter, OpenAdapter, Serving } from "../types.ts";
import type { Imports } from "./bindings.ts";
import { bucketsOf } from "./bucket.ts";
import { Keyspace } from "./keyspace.ts";
import { MemorySpace } from "./memory.ts";
import { openLmdb } from "./open-lmdb.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { Space } from "./space.ts";
import { storeOf } from "./store.ts";

const adapter: Adapter<Imports> = {
  open(context): OpenAdapter<Imports> {
    const { bundle } = context;
    const settings = readSettings(context);
    const { path, isReadOnly } = settings;
    if (path === undefined) {
      // What a run puts into memory is gone with the run.
      return { serve: () => serve(new MemorySpace(), settings, bundle) };
    }
    const file = openLmdb({ bundle, path, isReadOnly });
    return { serve: () => serve(file, settings, bundle), close: () => file.close() };
  },
};
export default adapter;

function serve(space: Space, settings: Settings, bundle: string): Serving<Imports> {
  const keyspace = new Keyspace(space, settings);
  return {
    imports: {
      "keyvalue:store/store@0.1.0": storeOf(keyspace, bundle),
      "keyvalue:store/buckets@0.1.0": bucketsOf(keyspace),
    },
  };
}
