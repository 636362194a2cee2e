/** The static adapters of hostbundle, each loaded by the first run that needs it. */
import type { BuiltInAdapterName } from "../../shared/adapters.ts";
import type { Adapter } from "./types.ts";

type AdapterModule = { readonly default: Adapter };

export const LOADERS: Readonly<Partial<Record<BuiltInAdapterName, () => Promise<AdapterModule>>>> = {
  duckdb: () => import("./duckdb/adapter.ts"),
  keyvalue: () => import("./keyvalue/adapter.ts"),
  pkcs11: () => import("./pkcs11/adapter.ts"),
};
