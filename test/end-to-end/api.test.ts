import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
// The package as its users import it: workers run what was built.
import { createHost, type Host, type HostOptions, type RunOutcome } from "hostbundle";
import { buildComponent } from "../support/component.ts";
import { compiler } from "../support/native.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { counter, endings, files } from "./guests.ts";
import { COUNT_WIT, meetingSource, writeBundle } from "./libraries.ts";

const folder = temporaryFolder();
const counterPath = join(folder, "counter.wasm");
const endingsPath = join(folder, "endings.wasm");
const filesPath = join(folder, "files.wasm");

beforeAll(async () => {
  writeFileSync(counterPath, await buildComponent(counter));
  writeFileSync(endingsPath, await buildComponent(endings));
  writeFileSync(filesPath, await buildComponent(files));
});

/** A host with a cache of its own, closed whatever happens. */
async function withHost<T>(options: HostOptions, use: (host: Host) => Promise<T>): Promise<T> {
  const host = await createHost({ cacheFolder: join(folder, "cache"), cwd: folder, ...options });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

function valueOf(outcome: RunOutcome): unknown {
  expect(outcome).toMatchObject({ status: "ok" });
  return outcome.status === "ok" ? outcome.value : undefined;
}

describe("a host without bundles", () => {
  it("gives what goes wrong in the guest as data, and goes on", async () => {
    await withHost({ concurrency: 1 }, async (host) => {
      const component = await host.load(endingsPath);
      const calls = ["trap", "recurse", "answer", "quit"];
      const outcomes = [];
      for (const name of calls) {
        const args = { answer: [true], quit: [9] }[name] ?? [];
        outcomes.push(await host.run(component, { export: name, args }));
      }
      expect(outcomes).toMatchObject([
        { status: "error", error: { code: "TRAP", fault: "guest" } },
        { status: "error", error: { code: "TRAP", fault: "guest" } },
        { status: "ok", value: { err: "asked to fail" } },
        { status: "error", error: { code: "GUEST_EXIT", exitCode: 9 } },
      ]);
      expect(valueOf(await host.run(component, { invoke: "answer(false)" }))).toEqual({ ok: 42 });
    });
  });

  it.each([
    ["an unknown export", { export: "anwser" }, "ARGUMENT_INVALID"],
    ["a wrong argument", { export: "answer", args: ["yes"] }, "ARGUMENT_INVALID"],
    ["too many arguments", { export: "trap", args: [1] }, "ARGUMENT_INVALID"],
    ["a call that is no WAVE", { invoke: "answer((" }, "ARGUMENT_INVALID"],
  ])("throws for %s", async (_name, options, code) => {
    await withHost({}, async (host) => {
      const component = await host.load(endingsPath);
      await expect(host.run(component, options)).rejects.toMatchObject({ code });
    });
  });

  it("throws for a component that does not link", async () => {
    await withHost({}, async (host) => {
      await expect(host.load(counterPath)).rejects.toMatchObject({ code: "LINK_FAILED" });
    });
  });

  it("captures output and feeds input", async () => {
    await withHost({}, async (host) => {
      const component = await host.load(filesPath);
      const outcome = await host.run(component, { stdin: { text: "hällo" } });
      expect(outcome).toMatchObject({ status: "ok", stdout: "hällo", stderr: "" });
    });
  });

  it("gives nothing of one run to the next, nor of the process to any", async () => {
    await withHost({ concurrency: 1 }, async (host) => {
      const component = await host.load(filesPath);
      const granted = { directories: [{ host: folder, guest: "/given", readOnly: true }] };
      expect(valueOf(await host.run(component, { invoke: "directories()", ...granted }))).toEqual(["/given"]);
      expect(valueOf(await host.run(component, { invoke: "directories()" }))).toEqual([]);
      expect(await host.run(component, { stdin: { text: "first" } })).toMatchObject({ stdout: "first" });
      expect(await host.run(component)).toMatchObject({ stdout: "" });
    });
  });

  it("runs many at once, each with its own result", async () => {
    await withHost({ concurrency: 2 }, async (host) => {
      const component = await host.load(filesPath);
      const texts = Array.from({ length: 12 }, (_, index) => `run ${index}`);
      const outcomes = await Promise.all(texts.map((text) => host.run(component, { stdin: { text } })));
      expect(outcomes.map((outcome) => outcome.stdout)).toEqual(texts);
    });
  });
});

describe.skipIf(!compiler.available)(`globals ${compiler.reason}`, () => {
  it("a guest's are new in every run; a library's last as long as its thread", async () => {
    const c =
      "#include <stdint.h>\nstatic uint32_t count;\nuint32_t acme_count_native_increment(void) { return ++count; }\n";
    const bundle = writeBundle(folder, { name: "plain", wit: COUNT_WIT, c });
    await withHost({ bundles: [bundle], concurrency: 1 }, async (host) => {
      const component = await host.load(counterPath);
      const values = [];
      for (const name of ["own", "native", "own", "native"]) {
        values.push(valueOf(await host.run(component, { export: name })));
      }
      expect(values).toEqual([1, 1, 1, 2]);
    });
  });

  it.each([
    ["each thread has its own", "", [1, 1]],
    ["all threads share those of a thread-safe library", "threadsafe = true", [1, 2]],
  ])("%s", async (_name, toml, expected) => {
    const meeting = join(folder, `meeting ${expected.join(" ")}`);
    mkdirSync(meeting);
    const bundle = writeBundle(folder, {
      name: `meeting${expected.join("")}`,
      wit: COUNT_WIT,
      c: meetingSource(meeting),
      toml,
    });
    await withHost({ bundles: [bundle], concurrency: 2, isolation: "thread" }, async (host) => {
      const component = await host.load(counterPath);
      const run = () => host.run(component, { export: "native" });
      const outcomes = await Promise.all([run(), run()]);
      expect(outcomes.map((outcome) => Number(valueOf(outcome))).toSorted((a, b) => a - b)).toEqual(expected);
    });
  });
});
