/**
 * `wasi:sockets` and `wasi:http`, denied: the types are there, so that components that merely import them
 * run, and every door is shut before preview2-shim could open it.
 */

import { loadShim, type Functions } from "./shim.ts";

function deny(): never {
  // An `error-code` of wasi:sockets/network.
  // oxlint-disable-next-line typescript/only-throw-error
  throw "access-denied";
}

/** Imports by interface name. */
export async function socketImports(): Promise<Readonly<Record<string, Functions>>> {
  const shim = await loadShim("sockets");
  const { instanceNetwork } = shim.createSockets({ enableNetwork: false });
  return {
    "instance-network": { ...instanceNetwork },
    network: { ...shim.network },
    "ip-name-lookup": { ...shim.ipNameLookup, resolveAddresses: deny },
    tcp: { ...shim.tcp },
    "tcp-create-socket": { createTcpSocket: deny },
    udp: { ...shim.udp },
    "udp-create-socket": { createUdpSocket: deny },
  };
}

/** Imports by interface name. */
export async function httpImports(): Promise<Readonly<Record<string, Functions>>> {
  const shim = await loadShim("http");
  return {
    types: { ...shim.types },
    "outgoing-handler": {
      handle: () => {
        // An `error-code` of wasi:http/types.
        // oxlint-disable-next-line typescript/only-throw-error
        throw { tag: "HTTP-request-denied" };
      },
    },
  };
}
