/** The program of a child process: takes runs from its supervisor, one at a time, until the channel closes. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, writeSync } from "node:fs";
import {
  CHANNEL_LOST,
  CHILD_DESCRIPTORS,
  type ChildQuestion,
  type ChildReply,
  type ChildRequest,
  type ChildSetup,
  type SandboxBundles,
} from "../shared/child-protocol.ts";
import { CRASH_NOTE_BYTES } from "../shared/crash-note.ts";
import type { InstanceRequest, RunOutcome } from "../shared/protocol.ts";
import type { PlanClaims } from "../shared/task.ts";
import { ClaimTable } from "../shared/claim-table.ts";
import { writeCompiledCode } from "./code-cache.ts";
import { lazily } from "./lazy.ts";
import { clearNote, useCrashNote } from "./native/crash-note.ts";
import { endCopy, mapShared, tieToSupervisor } from "./native/process.ts";
import { copyInto } from "./native/private-copy.ts";
import { isProcessChanged, watchProcess } from "./native/process-state.ts";
import { forbidCoreDumps, limitProcess } from "./native/rlimits.ts";
import { tooLarge } from "./hand-on.ts";
import { failed, fromForeign } from "./outcome.ts";
import { rehearse } from "./rehearse.ts";
import { closeLibraries, run } from "./run.ts";
import { prepareRuntime } from "./runtime.ts";
import { enterSandbox } from "./sandbox/enter.ts";
import type { SessionInstance } from "./session.ts";
import { STANDARD } from "./standard-descriptors.ts";
import { encodeReplyFrame, FrameSource } from "./transport/frames.ts";
import { BadReply } from "./transport/replies.ts";

// Only a supervisor starts this file, with a ChildSetup.
const setup: ChildSetup = JSON.parse(process.argv[2] ?? "{}");
const { channel } = CHILD_DESCRIPTORS;
/** Node does not name it. */
const O_CLOEXEC = 0o2_000_000;
const sessionModule = lazily(() => import("./session.ts"));
const claims = new ClaimTable();
const slots = new Int32Array(claims.slots);

function send(frame: Uint8Array): void {
  for (let offset = 0; offset < frame.length;) offset += writeSync(channel, frame, offset);
}

/** What only a guest that was granted it may read is closed; its number must not be given to another file. */
function closeStdin(): void {
  closeSync(0);
  openSync(process.platform === "win32" ? "NUL" : "/dev/null", "r");
}

/** What the user's program holds open, and has not closed to its children, is none of a library's business. */
function closeInherited(): void {
  if (process.platform !== "linux") return;
  const own = Math.max(...Object.values(CHILD_DESCRIPTORS));
  for (const descriptor of readdirSync("/proc/self/fd").map(Number))
    if (descriptor > own && isInherited(descriptor)) closeSync(descriptor);
}

/** Node's own have no names and are no sockets, and it has closed them to its children. */
function isInherited(descriptor: number): boolean {
  try {
    if (/^\/(?!proc\/)|^socket:/u.test(readlinkSync(`/proc/self/fd/${descriptor}`))) return true;
    const [, flags = ""] =
      /^flags:\s*([0-7]+)$/mu.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
    return (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The one that listed them.
    return false;
  }
}

let isSpecial = false;

let session: SessionInstance | undefined;
/** Ends what this process is held to during a run, or a session. */
let release: (() => void) | undefined;

async function serve(question: ChildQuestion): Promise<void> {
  const [outcome, frame] = inFrame(question.id, await answer(question));
  const isOver = question.kind === "run" || question.kind === "end" || outcome.status === "error";
  if (isOver) {
    release?.();
    release = undefined;
    session = undefined;
  }
  clearNote();
  // A copy must not answer in the name of the child.
  endCopy();
  send(frame);
}

function inFrame(id: number, given: RunOutcome): readonly [RunOutcome, Uint8Array] {
  const spent = isProcessChanged() ? { isSpent: true as const } : {};
  const encode = (outcome: RunOutcome): Uint8Array =>
    encodeReplyFrame({ kind: "outcome", id, outcome, ...spent } satisfies ChildReply);
  try {
    return [given, encode(given)];
  } catch (error) {
    if (!(error instanceof BadReply)) throw error;
    const instead = tooLarge(error, given);
    return [instead, encode(instead)];
  }
}

async function answer(question: ChildQuestion): Promise<RunOutcome> {
  try {
    switch (question.kind) {
      case "run":
        return await run({ kind: "run", ...(await restrict(question)) }, slots);
      case "open": {
        const restricted = await restrict(question);
        const { SessionInstance } = await sessionModule();
        session = new SessionInstance(restricted, slots);
        return await session.open();
      }
      case "call":
        return await opened().call(question.call);
      case "end":
        return opened().close();
    }
  } catch (error) {
    // Only what restricts this process throws.
    return { ...failed(fromForeign(error, "")), durationMs: 0 };
  }
}

async function prepare({ request, bundles }: Extract<ChildRequest, { kind: "prepare" }>): Promise<void> {
  await rehearse(request);
  if (bundles !== undefined) {
    // What is wrong is said to the first run, which finds the same.
    await confine(request, bundles).catch(() => undefined);
  }
}

/** The first decides what this child is for: its supervisor gives it no other kind. */
async function confine(request: InstanceRequest, bundles: SandboxBundles): Promise<void> {
  if (!isSpecial && request.wasi.stdin !== "inherit") closeStdin();
  isSpecial = true;
  await enterSandbox(setup.sandbox, request, bundles);
}

/**
 * Before anything of a bundle runs. Throws USAGE where this machine lacks what is asked of it.
 */
async function restrict<Request extends InstanceRequest>({
  request,
  bundles = request.plan,
}: {
  readonly request: Request;
  readonly bundles?: SandboxBundles;
}): Promise<PlanClaims & { request: Request }> {
  await confine(request, bundles);
  release = limitProcess(request.limits);
  return { request, ...claims.claimsFor(request.plan) };
}

function opened(): SessionInstance {
  if (session === undefined) throw new RangeError("a step of a session that was not opened");
  return session;
}

async function main(): Promise<void> {
  closeInherited();
  prepareRuntime();
  forbidCoreDumps();
  copyInto(setup.scratchFolder);
  watchProcess();
  STANDARD.stderr = CHILD_DESCRIPTORS.stderr;
  tieToSupervisor(setup.supervisor);
  const note = mapShared(CHILD_DESCRIPTORS.crashNote, CRASH_NOTE_BYTES);
  if (note !== undefined) useCrashNote(note);
  const source = new FrameSource<ChildRequest>((into, offset) =>
    readSync(channel, into, offset, into.length - offset, null),
  );
  send(encodeReplyFrame({ kind: "ready" } satisfies ChildReply));
  writeCompiledCode();
  for (let next = source.next(); next !== undefined; next = source.next()) {
    const { value: message } = next;
    if (message.kind === "close") break;
    if (message.kind === "prepare") await prepare(message);
    else await serve(message);
  }
  closeLibraries();
  process.exit();
}

main().catch((error: unknown) => {
  // Only the channel throws; a run is an outcome whatever happens in it.
  if (!(error instanceof Error && "syscall" in error)) throw error;
  process.exit(CHANNEL_LOST);
});
