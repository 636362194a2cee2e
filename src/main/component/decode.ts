import { basename } from "node:path";
import { HostbundleError } from "../../shared/errors.ts";
import { sniff } from "../../shared/wit/binary/decode-component.ts";
import { decodeComponent as decode, type DecodedComponent } from "../../shared/wit/binary/decode-world.ts";
import { BinaryFault } from "../../shared/wit/binary/trail.ts";

/**
 * The imports and exports of a component binary, and the plan of its instantiation.
 * @param path where the bytes come from, for messages
 * @throws {HostbundleError} COMPONENT_INVALID, with the place in the component and the byte offset
 */
export function decodeComponent(bytes: Uint8Array, path: string): DecodedComponent {
  const kind = sniff(bytes);
  if (kind !== "component") throw notAComponent(kind, path);
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof BinaryFault)) throw error;
    throw new HostbundleError("COMPONENT_INVALID", `cannot run ${basename(path)}`, {
      findings: [
        {
          message: error.message,
          where: { file: path, offset: error.offset },
          ...(error.help === undefined ? {} : { help: error.help }),
        },
      ],
      cause: error,
    });
  }
}

function notAComponent(kind: Exclude<ReturnType<typeof sniff>, "component">, path: string): HostbundleError {
  const { what, help } = NOT_A_COMPONENT[kind];
  return new HostbundleError("COMPONENT_INVALID", `${basename(path)} is ${what}, not a component`, {
    findings: [
      { message: `expected a WebAssembly component, found ${what}`, where: { file: path, offset: 0 } },
    ],
    help,
  });
}

const NOT_A_COMPONENT = {
  empty: { what: "an empty file", help: "check the step that should have written it" },
  truncated: {
    what: "a WebAssembly binary cut off in its header",
    help: "copy or build the file again: it ends before it says what it is",
  },
  text: {
    what: "WebAssembly text",
    help: "turn it into a binary with `jco parse in.wat -o out.wasm` or `wasm-tools parse`",
  },
  "core-module": {
    what: "a core module",
    help: "make a component of it with `jco new module.wasm -o component.wasm` or `wasm-tools component new`",
  },
  "other-version": {
    what: "a component of another version of the binary format",
    help: "build it again with a current toolchain",
  },
  unknown: { what: "no WebAssembly at all", help: "pass the .wasm file that the guest's build writes" },
} as const;
