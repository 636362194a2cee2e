/** A run's ticket (`src/shared/task.ts`) in the hands of its thread. */
import { TICKET, type Ticket } from "../shared/task.ts";

/** Marks the beginning; false where the run was cancelled before it. */
export function beginRun(ticket: Ticket): boolean {
  new Float64Array(ticket, 8, 1)[0] = Date.now();
  return (
    Atomics.compareExchange(new Int32Array(ticket, 0, 1), 0, TICKET.queued, TICKET.running) === TICKET.queued
  );
}

/** Resolves when the run is cancelled, or with `endRun`. */
export async function cancelled(ticket: Ticket): Promise<boolean> {
  const state = new Int32Array(ticket, 0, 1);
  await Atomics.waitAsync(state, 0, TICKET.running).value;
  return Atomics.load(state, 0) === TICKET.cancelled;
}

export function endRun(ticket: Ticket): void {
  const state = new Int32Array(ticket, 0, 1);
  Atomics.store(state, 0, TICKET.ended);
  Atomics.notify(state, 0);
}
