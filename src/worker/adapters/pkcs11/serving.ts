/** What one run calls. */
import type { Serving } from "../types.ts";
import type { Imports } from "./bindings.ts";
import type { Pkcs11Module } from "./native/module.ts";
import { TokenObject } from "./object.ts";
import { Operation } from "./operation.ts";
import { Run } from "./run.ts";
import { sessionsOf } from "./session.ts";
import type { Settings } from "./settings.ts";
import { slotsOf } from "./slots.ts";

/** `end` closes the sessions that the run left open, and ends its logins. */
export function serveRun(module: Pkcs11Module, settings: Settings): Serving<Imports> {
  const run = new Run(module, settings);
  return {
    imports: {
      "pkcs11:host/slots@0.1.0": slotsOf(run),
      "pkcs11:host/objects@0.1.0": { Object: TokenObject, Operation },
      "pkcs11:host/sessions@0.1.0": sessionsOf(run),
    },
    end: () => run.end(),
  };
}
