/**
 * The static adapter `pkcs11`: any PKCS#11 v2.40 module behind `pkcs11:host@0.1.0` (docs/pkcs11.md). What the module
 * answers, and what the config forbids, are values of `result`; only a library that is no module ends a run.
 */
import type { Adapter } from "../types.ts";
import type { Imports } from "./bindings.ts";
import { openCryptoki } from "./native/cryptoki.ts";
import { useModule } from "./native/module.ts";
import { serveRun } from "./serving.ts";
import { pinFile, readSettings } from "./settings.ts";
import { tokenStore } from "./token-store.ts";

const adapter: Adapter<Imports> = {
  files(context) {
    const pin = pinFile(context);
    const { readable, writable } = tokenStore(context.library, process.env);
    return { readable: [...readable, ...(pin === undefined ? [] : [pin])], writable };
  },
  open(context) {
    const { bundle } = context;
    const settings = readSettings(context);
    const { module, release } = useModule(openCryptoki(context.openLibrary(), bundle), bundle);
    return { serve: () => serveRun(module, settings), close: release };
  },
};

export default adapter;
