/** A peer in a process of its own, which answers one line for each line that it gets. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class LineProcess {
  /** @type {import("node:child_process").ChildProcessWithoutNullStreams} */
  #child;
  /** @type {AsyncIterator<string>} */
  #lines;
  #stderr = "";

  /**
   * @param {string} command
   * @param {readonly string[]} args
   */
  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: "pipe" });
    this.#child.on("error", (error) => (this.#stderr += error.message));
    this.#child.stdin.on("error", () => undefined); // A peer that ended is noticed by what it does not answer.
    this.#child.stderr.on("data", (chunk) => (this.#stderr += String(chunk)));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Asks, and waits for the next line. Throws with what the peer wrote to stderr if it ended instead.
   * @param {string | undefined} question undefined: only waits
   * @returns {Promise<string>}
   */
  async ask(question) {
    if (question !== undefined) this.#child.stdin.write(`${question}\n`);
    const { value, done } = await this.#lines.next();
    if (done !== true) return value;
    throw new Error(`${this.#child.spawnfile} ended: ${this.#stderr.trim()}`);
  }

  close() {
    this.#child.stdin.end();
    this.#child.kill();
  }
}
