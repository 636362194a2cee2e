/** What `npm run bench:runs` measures. */

export const RUN_GROUPS = /** @type {const} */ ([
  {
    id: "warm",
    title: "A fresh instance, one call and its end, in a thread that has run the component before",
  },
  { id: "cold", title: "The same, the first run of the component in a thread: its modules are compiled" },
  { id: "pool", title: "The same through the library (host.run), dispatch to the thread included" },
  { id: "isolation", title: "Through the library, a native import: on a thread, and in a child process" },
  { id: "session", title: "A call of a session, the same function with its native import" },
  { id: "cli", title: "A process: started, run, ended" },
]);

/** @satisfies {readonly import("../rows.mjs").Row[]} */
export const RUN_ROWS = /** @type {const} */ ([
  { id: "warm-add", group: "warm", title: "small component, i32 add" },
  { id: "warm-greet", group: "warm", title: "small component, string, native import" },
  { id: "warm-hello", group: "warm", title: "hello world over WASI" },
  { id: "warm-quickjs", group: "warm", title: "JavaScript in QuickJS, 6 points" },
  { id: "cold-add", group: "cold", title: "small component, i32 add" },
  { id: "cold-greet", group: "cold", title: "small component, string, native import" },
  { id: "cold-hello", group: "cold", title: "hello world over WASI" },
  { id: "cold-quickjs", group: "cold", title: "JavaScript in QuickJS, 6 points" },
  { id: "pool-one", group: "pool", title: "small component, one at a time" },
  { id: "pool-16", group: "pool", title: "small component, 16 in flight, per run" },
  { id: "isolation-thread", group: "isolation", title: "thread: a run, one at a time" },
  { id: "isolation-process", group: "isolation", title: "process: a run, one at a time" },
  { id: "isolation-process-16", group: "isolation", title: "two processes: 16 in flight, per run" },
  { id: "calls-thread", group: "isolation", title: "thread: one host call of a loop" },
  { id: "calls-process", group: "isolation", title: "process: one host call of a loop" },
  { id: "process-failover", group: "isolation", title: "process: the run after a crash" },
  {
    id: "process-deadline",
    group: "isolation",
    title: "process: the end of native code, after its deadline",
  },
  { id: "session-thread", group: "session", title: "thread: a call, one at a time" },
  { id: "session-process", group: "session", title: "process: a call, one at a time" },
  { id: "session-thread-open", group: "session", title: "thread: opened, called once, closed" },
  { id: "session-process-open", group: "session", title: "process: opened, called once, closed" },
  { id: "cli-node", group: "cli", title: "node -e 0" },
  { id: "cli-version", group: "cli", title: "print the version" },
  { id: "cli-greet", group: "cli", title: "run with a native import, on a thread" },
  { id: "cli-greet-process", group: "cli", title: "run with a native import, in a child process" },
  { id: "cli-hello", group: "cli", title: "run of hello world" },
]);

/** @typedef {(typeof RUN_ROWS)[number]["id"]} RunRowId */

/** Titles of the columns, in the order of the table. */
export const RUN_COLUMNS = {
  node: "node",
  hostbundle: "hostbundle",
  jco: "hostbundle, linked by jco",
  wasmtime: "wasmtime (C API)",
  "wasmtime-cli": "wasmtime (command line)",
};

/** @typedef {keyof typeof RUN_COLUMNS} RunColumnId */

/**
 * A column of a row: `turns` is how many make a sample, where that is not found out.
 * @typedef {{ sample: import("../measure.mjs").Sampler, turns?: number }} RunSampler
 */

/** @typedef {Readonly<Partial<Record<RunRowId, RunSampler>>>} RunSamplers */
