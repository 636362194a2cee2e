import { expect, test } from "vitest";
import type { WasiGrants } from "../../src/shared/protocol.ts";
import { openWasi } from "../support/wasi.ts";

const NOTHING: WasiGrants = {
  args: [],
  env: [],
  directories: [],
  stdin: new Uint8Array(),
  output: "capture",
};

const DOORS = [
  ["wasi:sockets/tcp-create-socket@0.2.0", "createTcpSocket", "access-denied"],
  ["wasi:sockets/udp-create-socket@0.2.0", "createUdpSocket", "access-denied"],
  ["wasi:sockets/ip-name-lookup@0.2.0", "resolveAddresses", "access-denied"],
  ["wasi:http/outgoing-handler@0.2.0", "handle", { tag: "HTTP-request-denied" }],
] as const;

test.each(DOORS)("%s#%s is denied", async (name, method, reason) => {
  const run = await openWasi(["wasi:sockets/network@0.2.0", "wasi:http/types@0.2.0", name], NOTHING);
  const func = run.imports[name]?.[method];
  expect(func).toBeTypeOf("function");
  let thrown: unknown;
  try {
    if (typeof func === "function") Reflect.apply(func, undefined, [{}, {}]);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toEqual(reason);
});

test("the types are there for components that import them", async () => {
  const run = await openWasi(
    ["wasi:sockets/tcp@0.2.0", "wasi:sockets/network@0.2.0", "wasi:http/types@0.2.0"],
    NOTHING,
  );
  expect(run.imports["wasi:sockets/tcp@0.2.0"]).toHaveProperty("TcpSocket");
  expect(run.imports["wasi:sockets/network@0.2.0"]).toHaveProperty("Network");
  expect(run.imports["wasi:http/types@0.2.0"]).toHaveProperty("Fields");
});
