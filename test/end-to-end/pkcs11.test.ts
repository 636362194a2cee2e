/** A component that signs with keys of a token, through the adapter pkcs11. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, type Component, type Host, type RunOutcome } from "hostbundle";
import { hostbundle } from "../support/command-line.ts";
import { copyExamples } from "../support/examples.ts";
import { makeTokens, softhsm, USER_PIN, useTokens } from "../support/softhsm.ts";
import { temporaryFolder } from "../support/temporary.ts";

const examples = copyExamples();
const app = join(examples, "guests/signer/app.wasm");
const folder = temporaryFolder();
const cacheFolder = join(folder, "cache");

let manifests = 0;

/** A manifest with the example's bundle. */
function manifest(config: string, library: string = softhsm.path): string {
  manifests += 1;
  const path = join(folder, `hosts-${manifests}.toml`);
  const lines = [`[global]\nsearch_paths = ["${examples}"]\n[[host]]\nname = "hsm"\nbundle = "pkcs11_host"`];
  writeFileSync(path, [...lines, `lib = "${library}"`, `config = { ${config} }`, ""].join("\n"));
  return path;
}

function openHost(config: string, concurrency = 1): Promise<Host> {
  return createHost({ manifests: [manifest(config)], concurrency, linker: "own", cacheFolder });
}

/** What a run gave; an error's code and message where it gave none. */
function valueOf(outcome: RunOutcome): unknown {
  return outcome.status === "ok" ? outcome.value : `${outcome.error.code}: ${outcome.error.message}`;
}

const REPORT = ["RSA-2048", "P-256"].flatMap((key) => [
  `${key}: a signature of ${key === "P-256" ? 64 : 256} bytes`,
  `${key}: verified: ok`,
  `${key}: another message: signature-invalid`,
  `${key}: another signature: signature-invalid`,
  `${key}: the private key itself: attribute-sensitive`,
]);

function textsIn(folder: URL): readonly string[] {
  return readdirSync(folder).map((name) => `${name}\n${readFileSync(new URL(name, folder), "utf8")}`);
}

test("the example has the adapter's WIT", () => {
  const own = new URL("../../src/worker/adapters/pkcs11/wit/", import.meta.url);
  const copies = new URL("../../examples/guests/signer/wit/deps/pkcs11-host/", import.meta.url);
  expect(textsIn(copies)).toEqual(textsIn(own));
});

describe.skipIf(!softhsm.available)(`a component and SoftHSM ${softhsm.reason}`, () => {
  let host: Host;
  let component: Component;
  let conf: string;

  const call = (name: string, ...args: readonly (string | null)[]): Promise<RunOutcome> =>
    host.run(component, { export: name, args });

  beforeAll(async () => {
    conf = makeTokens("signer", "other");
    useTokens(conf);
    writeFileSync(join(folder, "pin.txt"), `${USER_PIN}\n`);
    host = await openHost('token-labels = ["signer"]');
    component = await host.load(app);
  });
  afterAll(() => host.close());

  test("makes keys, signs, verifies, and detects tampering", async () => {
    expect(valueOf(await call("report", "signer", USER_PIN))).toEqual({ ok: REPORT });
  });

  test.each([
    ["a wrong PIN", ["signer", "000000"], "pin-incorrect"],
    ["no PIN, and no host that has one", ["signer", null], "arguments-bad"],
    ["a token that is not there", ["nobody", USER_PIN], "token-not-present"],
    ["a token that the config hides", ["other", USER_PIN], "token-not-present"],
  ])("%s is a value", async (_, args, error) => {
    expect(valueOf(await call("report", ...args))).toEqual({ err: error });
  });

  test("a session that is gone is a value", async () => {
    expect(valueOf(await call("orphan", "signer", USER_PIN))).toEqual({
      ok: ["ok", "session-handle-invalid"],
    });
  });

  test("a run that ends in an exception leaves no login behind", async () => {
    const abandoned = await call("abandon", "signer", USER_PIN);
    expect(abandoned).toMatchObject({ status: "error", error: { code: "TRAP" } });
    expect(JSON.stringify(abandoned)).not.toContain(USER_PIN);
    expect(valueOf(await call("state", "signer"))).toEqual({ ok: "read-only-public" });
    expect(valueOf(await call("report", "signer", null))).toEqual({ err: "arguments-bad" });
  });

  test("the host's own PIN serves guests that know none, and those alone", async () => {
    await using other = await openHost('pin-file = "pin.txt"');
    const loaded = await other.load(app);
    const report = (...args: readonly (string | null)[]): Promise<RunOutcome> =>
      other.run(loaded, { export: "report", args });
    expect(valueOf(await report("other", null))).toEqual({ ok: REPORT });
    expect(valueOf(await report("other", USER_PIN))).toEqual({ err: "action-prohibited" });
  });

  test("read-only is what it says", async () => {
    await using other = await openHost("read-only = true");
    const outcome = await other.run(await other.load(app), { export: "report", args: ["signer", USER_PIN] });
    expect(valueOf(outcome)).toEqual({ err: "session-read-only" });
  });

  test("threads have the module each to itself", async () => {
    await using other = await openHost("", 2);
    const loaded = await other.load(app);
    const runs = Array.from({ length: 6 }, (_, index) =>
      other.run(loaded, { export: "report", args: [index % 2 === 0 ? "signer" : "other", USER_PIN] }),
    );
    expect((await Promise.all(runs)).map(valueOf)).toEqual(runs.map(() => ({ ok: REPORT })));
  });

  test("the example runs on the command line", async () => {
    const args = ["run", "--host-config", manifest('pin-file = "pin.txt"'), app];
    const env = { SOFTHSM2_CONF: conf, HOSTBUNDLE_CACHE_DIR: cacheFolder, HOSTBUNDLE_LINKER: "own" };
    expect(await hostbundle(args, { env })).toMatchObject({ exitCode: 0, stdout: `${REPORT.join("\n")}\n` });
  });

  test.each([
    ["an unknown key", 'token-label = "signer"', "did you mean"],
    ["a missing PIN file", 'pin-file = "none.txt"', "ENOENT"],
    ["slots that are no numbers", 'slots = ["a"]', "a list of integers"],
  ])("a config with %s is refused", async (_, config, help) => {
    await using other = await openHost(config);
    const outcome = await other.run(await other.load(app), { export: "state", args: ["signer"] });
    expect(outcome).toMatchObject({ status: "error", error: { code: "CONFIG_INVALID" } });
    expect(JSON.stringify(outcome)).toContain(help);
  });
});

test.skipIf(process.platform !== "linux")("a library that is no PKCS#11 module", async () => {
  await using host = await createHost({ manifests: [manifest("", "libm.so.6")], linker: "own", cacheFolder });
  const outcome = await host.run(await host.load(app), { export: "state", args: ["signer"] });
  expect(outcome).toMatchObject({
    error: { code: "HOST_FAULT", message: expect.stringContaining("is no PKCS#11") },
  });
});
