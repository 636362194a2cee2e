/** Replaces the program of this process by another, which keeps its id, its descriptors and its restrictions. */
import koffi from "koffi";
import { libc } from "../native/libc.ts";

const F_SETFD = 2;

/**
 * Does not return unless it fails: then it throws. `descriptors`: those that the new program keeps, besides the first three; Node has
 * marked all of them to be closed.
 */
export function execute(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  descriptors: readonly number[],
): never {
  const { handle } = libc();
  const fcntl = handle.func("fcntl", "int", ["int", "int", "intptr_t"]);
  const execve = handle.func("execve", "int", ["str", "uintptr_t", "uintptr_t"]);
  for (const descriptor of [0, 1, 2, ...descriptors]) fcntl(descriptor, F_SETFD, 0);
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const argumentList = pointers([file, ...args]);
  const variableList = pointers(variables);
  execve(file, koffi.address(argumentList), koffi.address(variableList));
  // Named after the call, so that they live until it.
  const sizes = `${argumentList.length} and ${variableList.length} bytes of arguments and variables`;
  throw new Error(`cannot execute ${file}: error ${koffi.errno()}, ${sizes}`);
}

/** The addresses of these texts, ended by a null pointer, and the texts behind them. */
function pointers(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => Buffer.from(`${text}\0`));
  const listBytes = 8 * (texts.length + 1);
  const block = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, listBytes));
  const view = new DataView(block.buffer);
  const base = koffi.address(block);
  let at = listBytes;
  for (const [index, bytes] of encoded.entries()) {
    view.setBigUint64(8 * index, base + BigInt(at), true);
    block.set(bytes, at);
    at += bytes.length;
  }
  return block;
}
