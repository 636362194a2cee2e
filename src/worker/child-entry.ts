/** The program of a child process: takes runs from its supervisor, one at a time, until the channel closes. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import {
  CHANNEL_LOST,
  CHILD_DESCRIPTORS,
  type ChildReply,
  type ChildRequest,
  type ChildSetup,
  type SandboxBundles,
} from "../shared/child-protocol.ts";
import { CRASH_NOTE_BYTES } from "../shared/crash-note.ts";
import type { RunOutcome, RunRequest } from "../shared/protocol.ts";
import { ClaimTable } from "../shared/claim-table.ts";
import { clearNote, useCrashNote } from "./native/crash-note.ts";
import { endCopy, mapShared, tieToSupervisor } from "./native/process.ts";
import { forbidCoreDumps, limitProcess } from "./native/rlimits.ts";
import { failed, fromForeign } from "./outcome.ts";
import { rehearse } from "./rehearse.ts";
import { closeLibraries, run } from "./run.ts";
import { prepareRuntime } from "./runtime.ts";
import { enterSandbox } from "./sandbox/enter.ts";
import { STANDARD } from "./standard-descriptors.ts";
import { encodeFrame, FrameSource } from "./transport/frames.ts";

// Only a supervisor starts this file, with a ChildSetup.
const setup: ChildSetup = JSON.parse(process.argv[2] ?? "{}");
const { channel } = CHILD_DESCRIPTORS;
const claims = new ClaimTable();
const slots = new Int32Array(claims.slots);

function send(reply: ChildReply): void {
  const frame = encodeFrame(reply);
  for (let offset = 0; offset < frame.length;) offset += writeSync(channel, frame, offset);
}

/** What only a guest that was granted it may read is closed; its number must not be given to another file. */
function closeStdin(): void {
  closeSync(0);
  openSync(process.platform === "win32" ? "NUL" : "/dev/null", "r");
}

let isSpecial = false;

/** Before anything of a bundle runs. Gives the outcome where that has failed. */
async function restrict(
  request: RunRequest,
  bundles: SandboxBundles = request.plan,
): Promise<RunOutcome | undefined> {
  try {
    await enterSandbox(setup.sandbox, request, bundles);
    return undefined;
  } catch (error) {
    return { ...failed(fromForeign(error, "")), durationMs: 0 };
  }
}

async function serve({ request, id, bundles }: Extract<ChildRequest, { kind: "run" }>): Promise<void> {
  if (!isSpecial && request.wasi.stdin !== "inherit") closeStdin();
  isSpecial = true;
  const outcome = (await restrict(request, bundles)) ?? (await runWithin(request));
  clearNote();
  // A copy must not answer in the name of the child.
  endCopy();
  send({ kind: "outcome", id, outcome });
}

async function runWithin(request: RunRequest): Promise<RunOutcome> {
  try {
    const release = limitProcess(request.limits);
    const outcome = await run({ kind: "run", request, ...claims.claimsFor(request.plan) }, slots);
    release();
    return outcome;
  } catch (error) {
    // Only setting the limits throws.
    return { ...failed(fromForeign(error, "")), durationMs: 0 };
  }
}

async function main(): Promise<void> {
  prepareRuntime();
  forbidCoreDumps();
  STANDARD.stderr = CHILD_DESCRIPTORS.stderr;
  tieToSupervisor(setup.supervisor);
  const note = mapShared(CHILD_DESCRIPTORS.crashNote, CRASH_NOTE_BYTES);
  if (note !== undefined) useCrashNote(note);
  const source = new FrameSource<ChildRequest>((into, offset) =>
    readSync(channel, into, offset, into.length - offset, null),
  );
  send({ kind: "ready" });
  for (let next = source.next(); next !== undefined; next = source.next()) {
    const { value: message } = next;
    if (message.kind === "close") break;
    if (message.kind === "run") await serve(message);
    else await rehearse(message.request);
  }
  closeLibraries();
  process.exit();
}

main().catch((error: unknown) => {
  // Only the channel throws; a run is an outcome whatever happens in it.
  if (!(error instanceof Error && "syscall" in error)) throw error;
  process.exit(CHANNEL_LOST);
});
