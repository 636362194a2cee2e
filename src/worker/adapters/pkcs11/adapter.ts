/**
 * The static adapter `pkcs11`: any PKCS#11 v2.40 module behind `pkcs11:host@0.1.0` (docs/pkcs11.md). What the module
 * answers, and what the config forbids, are values of `result`; only a library that is no module ends a run.
 */
import type { Adapter } from "../types.ts";
import type { Imports } from "./bindings.ts";
import { openCryptoki } from "./native/cryptoki.ts";
import { useModule } from "./native/module.ts";
import { serveRun } from "./serving.ts";
import { readSettings } from "./settings.ts";

const adapter: Adapter<Imports> = {
  open(context) {
    const { bundle } = context;
    const settings = readSettings(context);
    const { module, release } = useModule(openCryptoki(context.openLibrary(), bundle), bundle);
    return { serve: () => serveRun(module, settings), close: release };
  },
};

export default adapter;
