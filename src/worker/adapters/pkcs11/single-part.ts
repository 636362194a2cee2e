/** Operations of one part, in the session that an object or a digest belongs to. */
import type { TypesMechanism } from "./bindings.ts";
import type { Key } from "./key.ts";
import { withFrame } from "./native/frame.ts";
import { writtenBytes } from "./native/output.ts";
import type { SessionHandle } from "./native/session-handle.ts";
import { beginIn, KINDS, ROOM_BYTES } from "./operation.ts";

/** Begins and ends an operation that gives bytes. Throws return values. */
export function perform(
  session: SessionHandle,
  kind: "sign" | "encrypt" | "decrypt" | "digest",
  mechanism: TypesMechanism,
  data: Uint8Array,
  key?: Key,
): Uint8Array {
  beginIn(session, kind, mechanism, key);
  return withFrame((frame) => {
    const at = frame.lend(data);
    return writtenBytes(frame, data.length + ROOM_BYTES, (out, length) =>
      session.tryCall(KINDS[kind].single, at, data.length, out, length),
    );
  });
}

/** Throws `signature-invalid` and other return values. */
export function verify(key: Key, mechanism: TypesMechanism, data: Uint8Array, signature: Uint8Array): void {
  const { session } = key;
  beginIn(session, "verify", mechanism, key);
  withFrame((frame) => {
    session.call("C_Verify", frame.lend(data), data.length, frame.lend(signature), signature.length);
  });
}
