/**
 * The static adapter `pkcs11`: any PKCS#11 v2.40 module behind `pkcs11:host@0.1.0` (docs/pkcs11.md). What the module
 * answers, and what the config forbids, are values of `result`; only a library that is no module ends a run.
 */
import type { Adapter } from "../types.ts";
import type { Imports } from "./bindings.ts";
import { openCryptoki } from "./native/cryptoki.ts";
import { useModule } from "./native/module.ts";
import { TokenObject } from "./object.ts";
import { Operation } from "./operation.ts";
import { Run } from "./run.ts";
import { sessionsOf } from "./session.ts";
import { readSettings } from "./settings.ts";
import { slotsOf } from "./slots.ts";

const adapter: Adapter<Imports> = {
  open(context) {
    const settings = readSettings(context);
    const use = useModule(openCryptoki(context.openLibrary(), context.bundle), context.bundle);
    return {
      serve() {
        const run = new Run(use.module, settings);
        return {
          imports: {
            "pkcs11:host/types@0.1.0": {},
            "pkcs11:host/slots@0.1.0": slotsOf(run),
            "pkcs11:host/objects@0.1.0": { Object: TokenObject, Operation },
            "pkcs11:host/sessions@0.1.0": sessionsOf(run),
          },
          end: () => run.end(),
        };
      },
      close: () => use.release(),
    };
  },
};

export default adapter;
