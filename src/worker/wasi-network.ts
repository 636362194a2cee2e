/**
 * `wasi:sockets`, denied: the types are there, so that components that merely import them run, and every door
 * is shut. No guest ever has a socket, so nothing behind the doors is needed, preview2-shim least of all.
 */
import { emptyClass, uninhabited, type Functions } from "./shim.ts";

function deny(): never {
  // An `error-code` of wasi:sockets/network.
  // oxlint-disable-next-line typescript/only-throw-error
  throw "access-denied";
}

const Network = emptyClass();
const network = new Network();

const BOUND = ["startBind", "finishBind", "localAddress", "remoteAddress", "addressFamily", "subscribe"];
const BUFFERED = ["receiveBufferSize", "setReceiveBufferSize", "sendBufferSize", "setSendBufferSize"];

const TcpSocket = uninhabited([
  ...BOUND,
  ...BUFFERED,
  "startConnect",
  "finishConnect",
  "startListen",
  "finishListen",
  "accept",
  "isListening",
  "setListenBacklogSize",
  "keepAliveEnabled",
  "setKeepAliveEnabled",
  "keepAliveIdleTime",
  "setKeepAliveIdleTime",
  "keepAliveInterval",
  "setKeepAliveInterval",
  "keepAliveCount",
  "setKeepAliveCount",
  "hopLimit",
  "setHopLimit",
  "shutdown",
]);

const UdpSocket = uninhabited([...BOUND, ...BUFFERED, "stream", "unicastHopLimit", "setUnicastHopLimit"]);

/** Imports by interface name. */
export const SOCKETS: Readonly<Record<string, Functions>> = {
  "instance-network": { instanceNetwork: () => network },
  // No error of a stream comes from a socket.
  network: { Network, networkErrorCode: () => undefined },
  "ip-name-lookup": {
    ResolveAddressStream: uninhabited(["resolveNextAddress", "subscribe"]),
    resolveAddresses: deny,
  },
  tcp: { TcpSocket },
  "tcp-create-socket": { createTcpSocket: deny },
  udp: {
    UdpSocket,
    IncomingDatagramStream: uninhabited(["receive", "subscribe"]),
    OutgoingDatagramStream: uninhabited(["checkSend", "send", "subscribe"]),
  },
  "udp-create-socket": { createUdpSocket: deny },
};
