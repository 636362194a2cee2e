/**
 * `wasi:http`, denied: a guest can put requests together, and cannot send them. Nothing here needs
 * preview2-shim, whose requests begin with a stream in the shim's thread.
 */
import { uninhabited, type Functions } from "./shim.ts";
import { Fields } from "./wasi-http-fields.ts";
import { CLOSED, OutputStream, streamFailure, type Sink } from "./wasi-io.ts";

/** `method` and `scheme` of wasi:http/types. */
interface Named {
  readonly tag: string;
  readonly val?: string | undefined;
}

/** RFC 9110, 9.1 */
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 3986, 3.1 */
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;
/** RFC 3986, 3.3 and 3.4 */
const PATH = /^[A-Za-z0-9.\-_~!$&'()*+,;=:@%?/]*$/;
/** RFC 3986, 3.2, without user information */
const AUTHORITY = /^(?:[A-Za-z0-9.\-_~%!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/;

const MAX_PORT = 65_535;

/** `err` of a `result` without payloads. */
function refuse(): never {
  // oxlint-disable-next-line typescript/only-throw-error
  throw undefined;
}

class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(durationNs: bigint | undefined): void {
    this.#connect = durationNs;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(durationNs: bigint | undefined): void {
    this.#firstByte = durationNs;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(durationNs: bigint | undefined): void {
    this.#betweenBytes = durationNs;
  }
}

/** Counts a body that goes nowhere. */
class BodySink implements Sink {
  readonly #contentLength: number | undefined;
  #length = 0;
  isFinished = false;

  constructor(headers: Fields) {
    const [declared] = headers.get("content-length");
    const length = declared === undefined ? NaN : Number(Buffer.from(declared).toString("latin1"));
    this.#contentLength = Number.isSafeInteger(length) ? length : undefined;
  }

  write(bytes: Uint8Array): void {
    if (this.isFinished) throw CLOSED;
    this.#length += bytes.length;
    if (this.#contentLength !== undefined && this.#length > this.#contentLength) {
      throw streamFailure("the body is longer than its content-length");
    }
  }

  finish(): void {
    this.isFinished = true;
    if (this.#contentLength !== undefined && this.#length !== this.#contentLength) {
      // An `error-code` of wasi:http/types.
      // oxlint-disable-next-line typescript/only-throw-error
      throw { tag: "HTTP-request-body-size", val: BigInt(this.#length) };
    }
  }
}

class OutgoingBody {
  readonly #sink: BodySink;
  #stream: OutputStream | undefined;

  constructor(headers: Fields) {
    this.#sink = new BodySink(headers);
    this.#stream = new OutputStream(this.#sink);
  }

  write(): OutputStream {
    const stream = this.#stream ?? refuse();
    this.#stream = undefined;
    return stream;
  }

  static finish(body: OutgoingBody): void {
    body.#sink.finish();
  }
}

/** What requests and responses have in common. */
class OutgoingMessage {
  readonly #headers: Fields;
  #body: OutgoingBody | undefined;

  constructor(headers: Fields) {
    this.#headers = headers.freeze();
    this.#body = new OutgoingBody(headers);
  }

  takeHeaders(): Fields {
    return this.#headers;
  }

  takeBody(): OutgoingBody {
    const body = this.#body ?? refuse();
    this.#body = undefined;
    return body;
  }
}

class OutgoingRequest {
  readonly #message: OutgoingMessage;
  #method: Named = { tag: "get" };
  #scheme: Named | undefined;
  #pathWithQuery: string | undefined;
  #authority: string | undefined;

  constructor(headers: Fields) {
    this.#message = new OutgoingMessage(headers);
  }

  headers(): Fields {
    return this.#message.takeHeaders();
  }

  body(): OutgoingBody {
    return this.#message.takeBody();
  }

  method(): Named {
    return this.#method;
  }

  setMethod(method: Named): void {
    this.#method = method.tag !== "other" || METHOD.test(method.val ?? "") ? method : refuse();
  }

  scheme(): Named | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Named | undefined): void {
    this.#scheme = scheme?.tag !== "other" || SCHEME.test(scheme.val ?? "") ? scheme : refuse();
  }

  pathWithQuery(): string | undefined {
    return this.#pathWithQuery;
  }

  setPathWithQuery(path: string | undefined): void {
    this.#pathWithQuery = path === undefined || PATH.test(path) ? path : refuse();
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    const [matched, port = "0"] = AUTHORITY.exec(authority ?? "") ?? [];
    if (authority !== undefined && (matched === undefined || Number(port) > MAX_PORT)) refuse();
    this.#authority = authority;
  }
}

class OutgoingResponse {
  readonly #message: OutgoingMessage;
  #statusCode = 200;

  constructor(headers: Fields) {
    this.#message = new OutgoingMessage(headers);
  }

  headers(): Fields {
    return this.#message.takeHeaders();
  }

  body(): OutgoingBody {
    return this.#message.takeBody();
  }

  statusCode(): number {
    return this.#statusCode;
  }

  setStatusCode(code: number): void {
    this.#statusCode = code >= 100 && code <= 999 ? code : refuse();
  }
}

export const HTTP_TYPES: Functions = {
  Fields,
  RequestOptions,
  OutgoingBody,
  OutgoingRequest,
  OutgoingResponse,
  // What only an answer, or a request from outside, could bring about.
  FutureIncomingResponse: uninhabited(["subscribe", "get"]),
  FutureTrailers: uninhabited(["subscribe", "get"]),
  IncomingBody: uninhabited(["stream"], ["finish"]),
  IncomingRequest: uninhabited(["method", "pathWithQuery", "scheme", "authority", "headers", "consume"]),
  IncomingResponse: uninhabited(["status", "headers", "consume"]),
  ResponseOutparam: uninhabited(["sendInformational"], ["set"]),
  // No error of a stream comes from HTTP.
  httpErrorCode: () => undefined,
};

export const OUTGOING_HANDLER: Functions = {
  handle: () => {
    // An `error-code` of wasi:http/types.
    // oxlint-disable-next-line typescript/only-throw-error
    throw { tag: "HTTP-request-denied" };
  },
};
