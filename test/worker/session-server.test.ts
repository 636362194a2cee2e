/** The worker's end of a session's port. */
import { MessageChannel } from "node:worker_threads";
import { wrap } from "comlink";
import { afterEach, expect, test } from "vitest";
import type { Call, RunOutcome } from "../../src/shared/protocol.ts";
import type { SessionServer } from "../../src/shared/session.ts";
import { serveSession, type SessionBody } from "../../src/worker/session-server.ts";

const CALL: Call = { kind: "command", interface: "wasi:cli/run@0.2.0" };
const OK: RunOutcome = { status: "ok", durationMs: 1 };
const TRAP: RunOutcome = {
  status: "error",
  error: { code: "TRAP", fault: "guest", message: "it trapped" },
  durationMs: 2,
};

const ports: { close(): void }[] = [];

function serve(body: Partial<SessionBody>): {
  readonly client: SessionServer;
  readonly ended: Promise<RunOutcome>;
} {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1);
  const ended = serveSession({ open: () => OK, call: () => OK, close: () => OK, ...body }, port2);
  return { client: wrap<SessionServer>(port1), ended };
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

test("passes questions on, and what came of them back", async () => {
  const calls: Call[] = [];
  const { client, ended } = serve({
    call: (call) => {
      calls.push(call);
      return { ...OK, value: [1n, new Uint8Array([2]), { ok: null }] };
    },
    close: () => ({ ...OK, stdout: "bye" }),
  });
  await client.ready();
  expect(await client.open()).toEqual(OK);
  expect(await client.call(CALL)).toEqual({ ...OK, value: [1n, new Uint8Array([2]), { ok: null }] });
  expect(calls).toEqual([CALL]);
  void client.close();
  expect(await ended).toEqual({ ...OK, stdout: "bye" });
});

test.each([
  ["making the instance", { open: () => TRAP }, (client: SessionServer) => client.open()],
  ["a call", { call: () => Promise.resolve(TRAP) }, (client: SessionServer) => client.call(CALL)],
  ["its end", { close: () => TRAP }, (client: SessionServer) => client.close()],
])("an error of %s is its end", async (_name, body, ask) => {
  const { client, ended } = serve(body);
  // Whether the answer still comes is not promised.
  void ask(client);
  expect(await ended).toEqual(TRAP);
});

test("ends without being asked where its body is lost", async () => {
  const { ended } = serve({ lost: Promise.resolve(TRAP) });
  expect(await ended).toEqual(TRAP);
});

test("a body that throws answers that, and goes on", async () => {
  const { client } = serve({
    call: () => {
      throw new RangeError("a call without an instance");
    },
  });
  await expect(client.call(CALL)).rejects.toThrow("a call without an instance");
  expect(await client.open()).toEqual(OK);
});
