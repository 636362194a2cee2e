import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { isHostbundleError } from "../../src/shared/errors.ts";
import type { WasiGrants } from "../../src/shared/protocol.ts";
import { hostResourceDestructor } from "../../src/worker/host-binding.ts";
import { prepareWasi, WasiRun } from "../../src/worker/wasi.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { callWasi, openWasi, restoreExit, thrownBy, type GuestDescriptor } from "../support/wasi.ts";

restoreExit();

const IMPORTS = ["wasi:filesystem/types@0.2.0", "wasi:filesystem/preopens@0.2.0", "wasi:io/streams@0.2.0"];

const root = temporaryFolder();
let count = 0;
let outside = "";
let inside = "";

beforeEach(() => {
  const base = join(root, String(count++));
  outside = join(base, "outside");
  inside = join(base, "inside");
  mkdirSync(join(outside, "private"), { recursive: true });
  mkdirSync(join(inside, "dir"), { recursive: true });
  writeFileSync(join(outside, "secret"), "secret");
  writeFileSync(join(outside, "private", "secret"), "secret");
  writeFileSync(join(inside, "file"), "content");
  writeFileSync(join(inside, "dir", "nested"), "nested");
});

interface Opened {
  readonly run: WasiRun;
  readonly preopens: readonly (readonly [GuestDescriptor, string])[];
}

async function open(directories: WasiGrants["directories"]): Promise<Opened> {
  const run = await openWasi(IMPORTS, {
    args: [],
    env: [],
    directories,
    stdin: new Uint8Array(),
    output: "capture",
  });
  return { run, preopens: callWasi(run, "filesystem/preopens#getDirectories") };
}

async function preopen(readOnly: boolean): Promise<GuestDescriptor> {
  const { preopens } = await open([{ host: inside, guest: "/data", readOnly }]);
  const [[descriptor] = []] = preopens;
  if (descriptor === undefined) throw new Error("no preopen");
  return descriptor;
}

/** What a call throws: a WASI error code, or the code of ours. */
function refusal(call: () => unknown): unknown {
  const error = thrownBy(call);
  return isHostbundleError(error) ? error.code : error;
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

function textOf(file: GuestDescriptor): string {
  const [bytes] = file.read(100n, 0n);
  return Buffer.from(bytes).toString();
}

const FOLLOW = { symlinkFollow: true };
const NO_CHANGE = { tag: "no-change" };
const STAMP = { tag: "timestamp", val: { seconds: 1n, nanoseconds: 0 } };

test("files are read and written under a grant", async () => {
  const dir = await preopen(false);
  const file = dir.openAt(FOLLOW, "file", {}, { read: true });
  expect(textOf(file)).toBe("content");
  const created = dir.openAt(FOLLOW, "new", { create: true }, { write: true });
  created.write(Buffer.from("hello"), 0n);
  expect(readFileSync(join(inside, "new"), "utf8")).toBe("hello");
  const nested = dir.openAt(FOLLOW, "dir", { directory: true }, { read: true });
  expect(textOf(nested.openAt(FOLLOW, "nested", {}, { read: true }))).toBe("nested");
});

test("a preopen has flags, attributes and a place in the guest's tree", async () => {
  const { preopens } = await open([
    { host: inside, guest: "/data", readOnly: true },
    { host: outside, guest: "/other", readOnly: false },
  ]);
  expect(preopens.map(([, path]) => path)).toEqual(["/data", "/other"]);
  expect(preopens[0]?.[0].getFlags()).toEqual({ read: true, mutateDirectory: false });
  expect(preopens[1]?.[0].getFlags()).toEqual({ read: true, mutateDirectory: true });
  expect(preopens[0]?.[0].stat()).toMatchObject({ type: "directory" });
});

test.runIf(process.platform === "linux")(
  "streams are read and written, and closed with the run",
  async () => {
    const { run, preopens } = await open([{ host: inside, guest: "/data", readOnly: false }]);
    const [[dir] = []] = preopens;
    if (dir === undefined) throw new Error("no preopen");
    const file = dir.openAt(FOLLOW, "file", {}, { read: true, write: true });
    const input = file.readViaStream(0n);
    expect(Buffer.from(input.blockingRead(3n)).toString()).toBe("con");
    const output = file.appendViaStream();
    output.blockingWriteAndFlush(Buffer.from("!"));
    expect(readFileSync(join(inside, "file"), "utf8")).toBe("content!");
    const before = openFiles();
    run.close();
    expect(openFiles()).toBeLessThan(before);
  },
);

const READ_ONLY_CALLS: readonly (readonly [string, (dir: GuestDescriptor) => unknown])[] = [
  ["open to write", (dir) => dir.openAt(FOLLOW, "file", {}, { write: true })],
  ["open to read and write", (dir) => dir.openAt(FOLLOW, "file", {}, { read: true, write: true })],
  ["open to create", (dir) => dir.openAt(FOLLOW, "new", { create: true }, { read: true })],
  ["open to truncate", (dir) => dir.openAt(FOLLOW, "file", { truncate: true }, { read: true })],
  ["open to change", (dir) => dir.openAt(FOLLOW, "dir", {}, { read: true, mutateDirectory: true })],
  ["create-directory-at", (dir) => dir.createDirectoryAt("new")],
  ["remove-directory-at", (dir) => dir.removeDirectoryAt("dir")],
  ["unlink-file-at", (dir) => dir.unlinkFileAt("file")],
  ["rename-at", (dir) => dir.renameAt("file", dir, "other")],
  ["link-at", (dir) => dir.linkAt({}, "file", dir, "other")],
  ["symlink-at", (dir) => dir.symlinkAt("file", "other")],
  ["set-times-at", (dir) => dir.setTimesAt(FOLLOW, "file", STAMP, NO_CHANGE)],
  ["set-times", (dir) => dir.openAt(FOLLOW, "file", {}, { read: true }).setTimes(STAMP, STAMP)],
  ["set-size", (dir) => dir.openAt(FOLLOW, "file", {}, { read: true }).setSize(0n)],
  ["write", (dir) => dir.openAt(FOLLOW, "file", {}, { read: true }).write(Buffer.from("x"), 0n)],
  ["write-via-stream", (dir) => dir.openAt(FOLLOW, "file", {}, { read: true }).writeViaStream(0n)],
  ["append-via-stream", (dir) => dir.openAt(FOLLOW, "file", {}, { read: true }).appendViaStream()],
  ["a change below", (dir) => dir.openAt(FOLLOW, "dir", {}, { read: true }).unlinkFileAt("nested")],
];

test.each(READ_ONLY_CALLS)("read-only refuses %s", async (_name, call) => {
  const dir = await preopen(true);
  const before = JSON.stringify([readdirSync(inside, { recursive: true }), statSync(join(inside, "file"))]);
  expect(refusal(() => call(dir))).toBe("read-only");
  expect(JSON.stringify([readdirSync(inside, { recursive: true }), statSync(join(inside, "file"))])).toBe(
    before,
  );
});

test("read-only still reads", async () => {
  const dir = await preopen(true);
  expect(textOf(dir.openAt(FOLLOW, "file", {}, { read: true }))).toBe("content");
  expect(dir.statAt(FOLLOW, "file")).toMatchObject({ type: "regular-file", size: 7n });
});

test("nothing is moved or linked between a read-only and a writable grant", async () => {
  const { preopens } = await open([
    { host: inside, guest: "/ro", readOnly: true },
    { host: outside, guest: "/rw", readOnly: false },
  ]);
  const [[ro] = [], [rw] = []] = preopens;
  if (ro === undefined || rw === undefined) throw new Error("no preopens");
  expect(refusal(() => ro.renameAt("file", rw, "stolen"))).toBe("read-only");
  expect(refusal(() => rw.renameAt("secret", ro, "put"))).toBe("read-only");
  expect(refusal(() => ro.linkAt({}, "file", rw, "stolen"))).toBe("read-only");
  expect(refusal(() => rw.linkAt({}, "secret", ro, "put"))).toBe("read-only");
});

test("a symlink is neither followed to write nor made to an absolute path", async () => {
  symlinkSync("../outside/made", join(inside, "dangling"));
  const dir = await preopen(false);
  expect(refusal(() => dir.openAt(FOLLOW, "dangling", { create: true }, { write: true }))).toBe(
    "not-permitted",
  );
  expect(existsSync(join(outside, "made"))).toBe(false);
  expect(refusal(() => dir.symlinkAt("/etc", "etc"))).toBe("not-permitted");
  expect(() => lstatSync(join(inside, "etc"))).toThrow("ENOENT");
});

test("a directory that was opened and replaced by a symlink is not a way out", async () => {
  const dir = await preopen(false);
  const opened = dir.openAt(FOLLOW, "dir", { directory: true }, { read: true });
  dir.renameAt("dir", dir, "moved");
  dir.symlinkAt("../outside/private", "dir");
  for (const call of [
    () => opened.openAt(FOLLOW, "secret", {}, { read: true }),
    () => opened.statAt(FOLLOW, "secret"),
    () => opened.readDirectory(),
    () => opened.unlinkFileAt("secret"),
    () => opened.renameAt("secret", dir, "stolen"),
    () => dir.renameAt("file", opened, "put"),
  ]) {
    expect(refusal(call)).toBe("not-permitted");
  }
  expect(readdirSync(join(outside, "private"))).toEqual(["secret"]);
});

test("a directory that is gone has no entries", async () => {
  const dir = await preopen(false);
  const opened = dir.openAt(FOLLOW, "dir", { directory: true }, { read: true });
  dir.renameAt("dir", dir, "moved");
  expect(refusal(() => opened.openAt(FOLLOW, "nested", {}, { read: true }))).toBe("no-entry");
});

test("odd arguments are errors of WASI, not of ours", async () => {
  const dir = await preopen(false);
  expect(refusal(() => dir.openAt(FOLLOW, "a\0b", {}, { read: true }))).toBe("invalid");
  expect(refusal(() => dir.openAt(FOLLOW, "x".repeat(5000), {}, { read: true }))).toBe("name-too-long");
  expect(refusal(() => dir.openAt(FOLLOW, "missing", {}, { read: true }))).toBe("no-entry");
  expect(refusal(() => dir.createDirectoryAt("dir"))).toBe("exist");
});

test("a handle that was never opened is a trap", async () => {
  const dir = await preopen(false);
  const forged: GuestDescriptor = Object.create(Object.getPrototypeOf(dir));
  expect(refusal(() => forged.openAt(FOLLOW, "file", {}, { read: true }))).toBe("TRAP");
  expect(refusal(() => forged.stat())).toBe("TRAP");
});

test("one run's grants are not the next one's", async () => {
  const first = await open([{ host: inside, guest: "/data", readOnly: false }]);
  const second = await open([]);
  expect(first.preopens).toHaveLength(1);
  expect(second.preopens).toEqual([]);
  const third = await open([{ host: outside, guest: "/data", readOnly: true }]);
  expect(refusal(() => third.preopens[0]?.[0].openAt(FOLLOW, "file", {}, { read: true }))).toBe("no-entry");
});

test("times are set as they were given, and the others stay", async () => {
  const dir = await preopen(false);
  const path = join(inside, "file");
  utimesSync(path, 5, 6);
  const file = dir.openAt(FOLLOW, "file", {}, { read: true, write: true });
  file.setTimes({ tag: "timestamp", val: { seconds: 1000n, nanoseconds: 500_000_000 } }, NO_CHANGE);
  expect([statSync(path).atimeMs, statSync(path).mtimeMs]).toEqual([1_000_500, 6000]);
  dir.setTimesAt(FOLLOW, "file", NO_CHANGE, { tag: "timestamp", val: { seconds: 2000n, nanoseconds: 0 } });
  expect([statSync(path).atimeMs, statSync(path).mtimeMs]).toEqual([1_000_500, 2_000_000]);
  const before = Date.now() - 1000;
  dir.setTimesAt(FOLLOW, "file", { tag: "now" }, NO_CHANGE);
  expect(statSync(path).atimeMs).toBeGreaterThan(before);
  file.setTimes(NO_CHANGE, { tag: "now" });
  expect(statSync(path).mtimeMs).toBeGreaterThan(before);
  const late = { tag: "timestamp", val: { seconds: 2n ** 63n, nanoseconds: 0 } };
  expect(refusal(() => file.setTimes(late, NO_CHANGE))).toBe("overflow");
});

test("a time before 1970 is not known to a guest", async () => {
  const dir = await preopen(false);
  utimesSync(join(inside, "file"), new Date(-5000), 6);
  const { dataAccessTimestamp, dataModificationTimestamp } = dir.statAt(FOLLOW, "file");
  expect(dataAccessTimestamp).toBeUndefined();
  expect(dataModificationTimestamp).toEqual({ seconds: 6n, nanoseconds: 0 });
});

test("a preopen has the hash of its directory", async () => {
  const { preopens } = await open([
    { host: inside, guest: "/a", readOnly: true },
    { host: outside, guest: "/b", readOnly: true },
  ]);
  const [[first] = [], [second] = []] = preopens;
  expect(first?.metadataHash()).toEqual(first?.metadataHashAt(FOLLOW, "."));
  expect(first?.metadataHash()).not.toEqual(second?.metadataHash());
});

test("numbers that no file has are errors, not of ours, and cost nothing", async () => {
  const dir = await preopen(false);
  const file = dir.openAt(FOLLOW, "file", {}, { read: true, write: true });
  expect(file.read(2n ** 63n, 0n)[0]).toHaveLength(7);
  expect(refusal(() => file.read(1n, 2n ** 63n))).toBe("invalid");
  expect(refusal(() => file.setSize(2n ** 63n))).toBe("invalid");
  expect(refusal(() => dir.openAt(FOLLOW, "dir", {}, { read: true }).read(1n, 0n))).toBe("is-directory");
  const readable = dir.openAt(FOLLOW, "file", {}, { read: true });
  expect(refusal(() => readable.write(Buffer.from("x"), 0n))).toBe("bad-descriptor");
});

test("file streams skip, splice and append", async () => {
  const dir = await preopen(false);
  const file = dir.openAt(FOLLOW, "file", {}, { read: true, write: true });
  const input = file.readViaStream(1n);
  expect(input.skip(2n)).toBe(2n);
  const output = dir.openAt(FOLLOW, "copy", { create: true }, { write: true }).writeViaStream(0n);
  expect(output.blockingSplice(input, 100n)).toBe(4n);
  expect(refusal(() => input.read(1n))).toEqual({ tag: "closed" });
  output.writeZeroes(1n);
  expect(readFileSync(join(inside, "copy"), "utf8")).toBe("tent\0");
  const [first, second] = [file.appendViaStream(), file.appendViaStream()];
  first.write(Buffer.from("-one"));
  second.write(Buffer.from("-two"));
  first.write(Buffer.from("-three"));
  expect(readFileSync(join(inside, "file"), "utf8")).toBe("content-one-two-three");
  expect(refusal(() => dir.readViaStream(0n))).toBe("is-directory");
});

test.runIf(process.platform === "linux")("a stream outlives the descriptor that it was made of", async () => {
  const dir = await preopen(false);
  const before = openFiles();
  const file = dir.openAt(FOLLOW, "file", {}, { read: true });
  const [first, second] = [file.readViaStream(0n), file.readViaStream(4n)];
  expect(openFiles()).toBe(before + 1);
  hostResourceDestructor(file);
  expect(Buffer.from(first.blockingRead(4n)).toString()).toBe("cont");
  hostResourceDestructor(first);
  expect(Buffer.from(second.blockingRead(4n)).toString()).toBe("ent");
  hostResourceDestructor(second);
  expect(openFiles()).toBe(before);
});

test("the code of a file's error is found in the stream's", async () => {
  const { run, preopens } = await open([{ host: inside, guest: "/data", readOnly: false }]);
  const stream = preopens[0]?.[0].openAt(FOLLOW, "dir", {}, { read: true }).readViaStream(0n);
  const failure = thrownBy(() => stream?.blockingRead(10n));
  expect(failure).toMatchObject({ tag: "last-operation-failed" });
  const error: unknown = Reflect.get(Object(failure), "val");
  expect(callWasi(run, "filesystem/types#filesystemErrorCode", error)).toBe("is-directory");
});

test("a second run with files in the thread waits for nothing", async () => {
  await open([{ host: inside, guest: "/data", readOnly: false }]);
  const grants: WasiGrants = {
    args: [],
    env: [],
    directories: [{ host: inside, guest: "/data", readOnly: false }],
    stdin: new Uint8Array(),
    output: "capture",
  };
  expect(prepareWasi(IMPORTS).open(grants)).toBeInstanceOf(WasiRun);
});

test("reading a directory as a file is an error of the stream", async () => {
  const dir = await preopen(false);
  const opened = dir.openAt(FOLLOW, "dir", { directory: true }, { read: true });
  const stream = opened.readViaStream(0n);
  expect(refusal(() => stream.blockingRead(10n))).toMatchObject({ tag: "last-operation-failed" });
});
