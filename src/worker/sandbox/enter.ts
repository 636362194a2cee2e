/** The sandbox of this process: entered with its first run, before any library is opened. */
import { dirname } from "node:path";
import type { SandboxBundles } from "../../shared/child-protocol.ts";
import { needsCopies } from "../../shared/claim-table.ts";
import { HostbundleError } from "../../shared/errors.ts";
import type { AdapterPlan, RunRequest, WasiGrants } from "../../shared/protocol.ts";
import {
  missingParts,
  type FileGrants,
  type SandboxOptions,
  type SandboxReport,
} from "../../shared/sandbox.ts";
import { makeScratchFolder } from "../native/private-copy.ts";
import { applySandbox } from "./apply.ts";
import { policyFor } from "./policy.ts";

let report: SandboxReport | undefined;

/**
 * Restricts this process to what the request and the bundles need; later calls find it done. Throws USAGE where the sandbox is
 * required and a part of it is missing, and what an adapter throws of its config.
 */
export async function enterSandbox(
  options: SandboxOptions,
  { wasi, image }: Pick<RunRequest, "wasi" | "image">,
  { libraries, adapters }: SandboxBundles,
): Promise<void> {
  if (options.mode === "off") return;
  if (report === undefined) {
    const files = join([directories(wasi.directories), ...(await filesOfAdapters(adapters))]);
    const opened = adapters.flatMap(({ library, folder }) =>
      library === undefined ? [] : [{ path: library, ...(folder === undefined ? {} : { folder }) }],
    );
    // Made now or never: it is what a child may write to.
    const scratch = needsCopies({ libraries, adapters }) ? makeScratchFolder() : undefined;
    const needs = {
      libraries: [...libraries, ...opened],
      files: scratch === undefined ? files : join([files, { readable: [], writable: [scratch] }]),
      // The images of all components of one cache: a child serves several.
      imageFolder: dirname(image.folder),
      env: process.env,
    };
    report = applySandbox(policyFor(needs, process.argv[1] ?? "", options));
  }
  const missing = missingParts(report);
  if (missing.length === 0 || options.mode === "best-effort") return;
  throw new HostbundleError("USAGE", "the sandbox is required, and this machine lacks a part of it", {
    findings: missing.map((message) => ({ message })),
    help: '--sandbox=best-effort (sandbox: "best-effort") runs with what there is; `hostbundle doctor` shows it',
  });
}

function directories(grants: WasiGrants["directories"]): FileGrants {
  const [readable, writable] = [true, false].map((readOnly) =>
    grants.filter((grant) => grant.readOnly === readOnly).map(({ host }) => host),
  );
  return { readable: readable ?? [], writable: writable ?? [] };
}

async function filesOfAdapters(adapters: readonly AdapterPlan[]): Promise<readonly FileGrants[]> {
  if (adapters.length === 0) return [];
  const { adapterFiles } = await import("../adapters/files.ts");
  return Promise.all(adapters.map(adapterFiles));
}

function join(grants: readonly FileGrants[]): FileGrants {
  return {
    readable: grants.flatMap(({ readable }) => readable),
    writable: grants.flatMap(({ writable }) => writable),
  };
}
