// A child in a sandbox: calls functions of a library and of Node, and prints what came of each, as JSON.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { applySandbox } from "../../../dist/worker/sandbox/apply.js";

const { library, tries, readable, unreadable, opens, policy } = JSON.parse(process.argv[2]);
// Threads of libuv's, besides those of V8 that are always there.
await Promise.all([1, 2, 3, 4].map(() => readFile(readable)));
const report = applySandbox(policy);
const koffi = createRequire(import.meta.url)("koffi");
const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
const nameOf = (number) => (number === 0 ? "allowed" : (names.get(number) ?? number));
const handle = koffi.load(library);
const call = (name, ...args) => {
  const types = args.map((arg) => (typeof arg === "string" ? "str" : "int"));
  return nameOf(handle.func(name, "int", types)(...args));
};
const results = tries.map(([name, ...args]) =>
  call(name, ...args.map((arg) => (arg === "parent" ? process.ppid : arg === "self" ? process.pid : arg))),
);
const threads = readdirSync("/proc/self/task").map((thread) =>
  call("try_read_by_thread", unreadable, Number(thread)),
);
const node = {
  timer: await sleep(5, "fired"),
  read: (await readFile(readable, "utf8")).length,
  unread: await readFile(unreadable).catch((error) => error.code),
  zipped: gzipSync("x").length > 0,
  opened: opens.map((path) => {
    const loaded = koffi.load(path, { deep: true });
    return loaded !== undefined;
  }),
};
process.stdout.write(JSON.stringify({ report, results, threads, node }));
