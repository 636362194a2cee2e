/** One host for the sessions of a test file, in one mode. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
// The package as its users import it: workers run what was built.
import {
  createHost,
  type Component,
  type Host,
  type HostOptions,
  type OpenOptions,
  type RunOutcome,
  type Session,
  type SessionCallOptions,
} from "hostbundle";
import { expect } from "vitest";
import { buildComponent } from "../support/component.ts";
import { endlessGuest, sessionGuest, stillbornGuest } from "./session-guest.ts";

const GUESTS = { session: sessionGuest, endless: endlessGuest, stillborn: stillbornGuest };

export type GuestName = keyof typeof GUESTS;

/** Writes the components of `session-guest.ts`. */
export async function writeGuests(folder: string): Promise<void> {
  for (const [name, guest] of Object.entries(GUESTS))
    writeFileSync(join(folder, `${name}.wasm`), await buildComponent(guest));
}

export class Sessions implements AsyncDisposable {
  readonly host: Host;

  private constructor(host: Host) {
    this.host = host;
  }

  static async start(folder: string, options: HostOptions): Promise<Sessions> {
    const host = await createHost({
      cwd: folder,
      cacheFolder: join(folder, "cache"),
      concurrency: 1,
      ...options,
    });
    return new Sessions(host);
  }

  load(guest: GuestName = "session"): Promise<Component> {
    return this.host.load(`${guest}.wasm`);
  }

  async open(options: OpenOptions = {}, guest?: GuestName): Promise<Session> {
    return this.host.open(await this.load(guest), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.close();
  }
}

/** A call that has begun and does not end by itself. */
export async function spin(
  session: Session,
  options: SessionCallOptions = {},
): Promise<{ readonly ended: Promise<RunOutcome> }> {
  const before = session.call("add", 0);
  const ended = session.run({ export: "spin", ...options });
  await before;
  await setImmediate();
  return { ended };
}

/** An outcome, as far as tests look at it. */
export const failed = (code: string, message: string | RegExp): object => ({
  status: "error",
  error: { code, message: typeof message === "string" ? message : expect.stringMatching(message) },
});

/** That of a call that came too late. */
export const over = (code: string, message: string): object =>
  failed(code, `the session is over: ${message}`);
