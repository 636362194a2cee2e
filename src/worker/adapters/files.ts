/** What the adapters of a run work on, before any of them is opened. */
import { dirname } from "node:path";
import type { AdapterPlan } from "../../shared/protocol.ts";
import type { FileGrants } from "../../shared/sandbox.ts";
import { openContext } from "./context.ts";
import { loadAdapter } from "./serve.ts";

/** Throws what the adapter throws of its config. */
export async function adapterFiles(plan: AdapterPlan): Promise<FileGrants> {
  const { adapter } = plan;
  const module = await loadAdapter(plan);
  const { readable = [], writable = [] } = module.files?.(openContext(plan, undefined)) ?? {};
  return { readable: [...readable, ...(adapter.kind === "module" ? [dirname(adapter.path)] : [])], writable };
}
