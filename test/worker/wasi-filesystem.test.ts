import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { isHostbundleError } from "../../src/shared/errors.ts";
import type { WasiGrants } from "../../src/shared/protocol.ts";
import type { WasiRun } from "../../src/worker/wasi.ts";
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

test("reading a directory as a file is an error of the stream", async () => {
  const dir = await preopen(false);
  const opened = dir.openAt(FOLLOW, "dir", { directory: true }, { read: true });
  const stream = opened.readViaStream(0n);
  expect(refusal(() => stream.blockingRead(10n))).toMatchObject({ tag: "last-operation-failed" });
});
