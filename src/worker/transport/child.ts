/** A child process as its supervisor sees it: started, spoken to, ended. What it says is checked, how it ends is data. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, type Readable } from "node:stream";
import {
  CHANNEL_LOST,
  CHILD_DESCRIPTORS,
  checkReply,
  type ChildQuestion,
  type ChildReply,
  type ChildRequest,
  type ChildSetup,
  type SandboxBundles,
} from "../../shared/child-protocol.ts";
import type { RunLimits } from "../../shared/limits.ts";
import type { NativeFrame } from "../../shared/crash-note.ts";
import type { Call, RunRequest } from "../../shared/protocol.ts";
import type { ChildOptions } from "../../shared/task.ts";
import { CrashNoteFile } from "./crash-note.ts";
import { childEnvironment } from "./environment.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import { MemoryGrowth } from "./memory-growth.ts";
import { MemoryWatch, watchedBytes } from "./memory-watch.ts";
import { StderrTail } from "./stderr-tail.ts";
import { WrittenOnly } from "./written-only.ts";

/** How long what a dead child has written may take to arrive; a process that it left behind may hold the pipe open. */
const LAST_WORDS_MS = 20;

/** How long the news of a child's end may take longer than that of its channel's. */
const EXIT_WAIT_MS = 500;

/** A child that was killed is gone after this time, or hangs in the kernel. */
const KILL_WAIT_MS = 2000;

/** How a child ended. */
export interface ChildEnd {
  readonly kind: "end";
  /** `SIGSEGV`; absent where it exited, or could not be started. */
  readonly signal?: string;
  readonly exitCode?: number;
  /** Why it could not be started. */
  readonly error?: string;
  /** It was ended because it had grown by so much, more than the limits of its run allow. */
  readonly grownBytes?: number;
  /** V8 has said that its heap is full; `maxMib`: what it was held to, absent where that is Node's own limit. */
  readonly heapExhausted?: { readonly maxMib: number | undefined };
  /** It wrote to its channel what is no reply, or closed it, and was ended. */
  readonly isGarbled: boolean;
  /** What native code it was running. */
  readonly frame?: NativeFrame;
  /** The last lines of its standard error. */
  readonly stderr: readonly string[];
}

export class Child {
  readonly pid: number | undefined;
  /** Resolves when it is ready for a run, or has ended. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildEnd>;
  /** What its first run made of it; another run needs the same. */
  kind: string | undefined;
  /** Runs that it was given. */
  runs = 0;
  /** How it ended; absent: it lives. */
  end: ChildEnd | undefined;
  readonly #options: ChildOptions;
  /** Absent: the system has refused it. */
  readonly #process: ChildProcess | undefined;
  readonly #channel: Duplex;
  readonly #scratchFolder = join(tmpdir(), `hostbundle-${randomUUID()}`);
  readonly #note = new CrashNoteFile();
  readonly #growth = new MemoryGrowth();
  readonly #frames = new FrameReader();
  #setReady: (() => void) | undefined;
  #setEnded: ((end: ChildEnd) => void) | undefined;
  /** What it was asked and has not answered. */
  #asked: { readonly kind: ChildQuestion["kind"]; readonly id: number; readonly call?: Call } | undefined;
  #answer: ((answer: ChildReply | ChildEnd) => void) | undefined;
  #isGarbled = false;
  #isReaped = false;
  #isSpent = false;
  #watch: MemoryWatch | undefined;
  #grownBytes: number | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#setEnded = resolve;
    });
    const started = start(options, this.#scratchFolder, this.#note.descriptor);
    const { process: child, channel, stderr } = started;
    this.#process = child;
    this.#channel = channel;
    this.pid = child?.pid;
    const tail = new StderrTail(stderr);
    if (child === undefined) {
      this.#finish({ error: started.error }, tail);
      return;
    }
    channel.on("data", (bytes: Buffer) => {
      this.#receive(bytes);
    });
    // It has died; or it has closed its end, and can no longer answer.
    const lose = (): void => {
      setTimeout(() => {
        this.#garbled();
      }, EXIT_WAIT_MS).unref();
    };
    channel.on("error", lose);
    channel.on("end", lose);
    child.on("error", (error) => {
      if (child.pid === undefined) this.#finish({ error: error.message }, tail);
    });
    child.on("exit", (exitCode, signal) => {
      const finish = (): void => {
        this.#finish(
          { ...(signal === null ? {} : { signal }), ...(exitCode === null ? {} : { exitCode }) },
          tail,
        );
      };
      // Processes that it started and left behind. Later its id may be another's.
      this.#killGroup();
      this.#isReaped = true;
      // What lies ready is read before a timer that is late ends the wait.
      const timer = setTimeout(() => setImmediate(finish), LAST_WORDS_MS);
      child.once("close", () => {
        clearTimeout(timer);
        finish();
      });
    });
  }

  /** It has had its share of runs, or holds too much memory, or is not as a child should be for its next run. */
  get isWorn(): boolean {
    const { maxRuns, maxGrowthBytes } = this.#options;
    return this.#isSpent || this.runs >= maxRuns || this.#growth.sinceFirst(this.pid) > maxGrowthBytes;
  }

  /** Sends a run, or a step of a session, and gives its outcome, or how the child ended. */
  call(request: ChildQuestion): Promise<ChildReply | ChildEnd> {
    this.runs += 1;
    if (this.end !== undefined) return Promise.resolve(this.end);
    const answered = new Promise<ChildReply | ChildEnd>((resolve) => {
      this.#answer = resolve;
    });
    this.#asked = { kind: request.kind, id: request.id, ...callOf(request) };
    if (request.kind === "run" || request.kind === "open") this.#watchMemory(request.request.limits);
    this.#send(request);
    return answered;
  }

  /** Tells a spare what it will likely be given; with `bundles`, that it will have no others. */
  prepare(request: RunRequest, bundles?: SandboxBundles): void {
    this.#send({ kind: "prepare", request, ...(bundles === undefined ? {} : { bundles }) });
  }

  /** Asks it to end its libraries and exit. */
  async close(graceMs: number): Promise<void> {
    if (this.end !== undefined) return;
    this.#send({ kind: "close" });
    const timer = setTimeout(() => {
      this.kill();
    }, graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once. `ended` follows, also where the kernel does not let go of it. */
  kill(): void {
    if (this.end !== undefined) return;
    this.#killGroup();
    this.#process?.kill("SIGKILL");
    setTimeout(() => {
      this.#finish({ signal: "SIGKILL" }, undefined);
    }, KILL_WAIT_MS).unref();
  }

  #watchMemory(limits: RunLimits): void {
    const mostBytes = watchedBytes(limits);
    if (mostBytes === undefined || this.pid === undefined) return;
    this.#watch = new MemoryWatch(this.pid, mostBytes, (grownBytes) => {
      this.#grownBytes = grownBytes;
      this.kill();
    });
  }

  #send(request: ChildRequest): void {
    if (this.end === undefined) this.#channel.write(encodeFrame(request));
  }

  /** It leads a process group of its own, which Windows does not have. */
  #killGroup(): void {
    if (this.pid === undefined || this.#isReaped || process.platform === "win32") return;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // Nobody is left in it.
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#isGarbled) return;
    try {
      for (const value of this.#frames.push(bytes)) {
        const reply = checkReply(value, this.#asked);
        if (reply === undefined) throw new RangeError("no reply");
        this.#take(reply);
      }
    } catch {
      // Whatever it is that came, nothing after it can be trusted.
      this.#garbled();
    }
  }

  #garbled(): void {
    if (this.end !== undefined) return;
    this.#isGarbled = true;
    this.kill();
  }

  #take(reply: ChildReply): void {
    if (reply.kind === "ready") {
      this.#setReady?.();
      return;
    }
    const answer = this.#answer;
    this.#answer = undefined;
    this.#isSpent ||= reply.isSpent === true;
    // A session goes on, and may hold what it has.
    if (this.#asked?.kind !== "open" && this.#asked?.kind !== "call") this.#watch?.stop();
    this.#asked = undefined;
    answer?.(reply);
  }

  #finish(how: Pick<ChildEnd, "signal" | "exitCode" | "error">, tail: StderrTail | undefined): void {
    if (this.end !== undefined) return;
    this.#watch?.stop();
    const frame = this.#note.read();
    this.end = {
      kind: "end",
      ...how,
      ...(this.#grownBytes === undefined ? {} : { grownBytes: this.#grownBytes }),
      ...(tail?.hasExhaustedHeap === true ? { heapExhausted: { maxMib: this.#options.heapLimitMib } } : {}),
      isGarbled: this.#isGarbled || how.exitCode === CHANNEL_LOST,
      ...(frame === undefined ? {} : { frame }),
      stderr: tail?.lines() ?? [],
    };
    this.#note.close();
    rmSync(this.#scratchFolder, { recursive: true, force: true });
    this.#channel.destroy();
    this.#process?.stderr?.destroy();
    this.#setReady?.();
    this.#setEnded?.(this.end);
    this.#answer?.(this.end);
  }
}

function callOf(request: ChildQuestion): { readonly call?: Call } {
  if (request.kind === "run") return { call: request.request.call };
  return request.kind === "call" ? { call: request.call } : {};
}

interface Streams {
  readonly channel: Duplex;
  readonly stderr: Readable;
}

type Started = Streams &
  ({ readonly process: ChildProcess } | { readonly process: undefined; readonly error: string });

/** Never throws: a supervisor starts spares while a run is under way. */
function start(options: ChildOptions, scratchFolder: string, note: number | undefined): Started {
  const [output, errors] = [new WrittenOnly(1), new WrittenOnly(2)];
  try {
    const child = spawnChild(options, scratchFolder, [
      output.descriptor,
      errors.descriptor,
      note ?? "ignore",
    ]);
    // A process that could not be started has no streams, where descriptors are short not even a list of them; then its error follows.
    const channel = child.pid === undefined ? undefined : child.stdio[CHILD_DESCRIPTORS.channel];
    if (channel instanceof Duplex && child.stderr !== null)
      return { process: child, channel, stderr: child.stderr };
    return { process: child, channel: nothing(), stderr: nothing() };
  } catch (error) {
    // No memory, or no descriptors, for it.
    return {
      process: undefined,
      error: error instanceof Error ? error.message : String(error),
      channel: nothing(),
      stderr: nothing(),
    };
  } finally {
    output.close();
    errors.close();
  }
}

function spawnChild(
  { setup: common, heapLimitMib, ...options }: ChildOptions,
  scratchFolder: string,
  [output, errors, note]: readonly [output: number, errors: number, note: number | "ignore"],
): ChildProcess {
  const setup: ChildSetup = { supervisor: process.pid, ...common, scratchFolder };
  const flags = heapLimitMib === undefined ? [] : [`--max-old-space-size=${heapLimitMib}`];
  return spawn(process.execPath, [...flags, options.file, JSON.stringify(setup)], {
    // In the order of CHILD_DESCRIPTORS.
    stdio: [0, output, "pipe", "pipe", errors, note],
    env: childEnvironment(process.env, options.env),
    // A group of its own: a Ctrl-C at the terminal is its supervisor's to deal with, and what it starts ends with it.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
}

function nothing(): Duplex {
  return new Duplex({ read: () => undefined, write: (_piece, _encoding, done) => done() });
}
