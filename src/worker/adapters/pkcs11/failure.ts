/** Return values other than `CKR_OK`: thrown inside of the adapter, values to the guest. */
import { err, ok } from "../result.ts";
import type { Result } from "../types.ts";
import type { TypesError } from "./bindings.ts";
import type { Ulong } from "./native/cryptoki.ts";
import { CKR, errors } from "./tables/errors.ts";

type ErrorName = keyof typeof CKR;

/** A return value, on its way to the guest. */
class Failure extends Error {
  readonly reason: TypesError;

  constructor(reason: TypesError) {
    super(reason.tag);
    this.reason = reason;
  }
}

/** Refuses with one of the standard's own values. */
export function refuse(name: ErrorName): never {
  return fail(CKR[name]);
}

/** Ends the function with this return value. */
export function fail(rv: Ulong): never {
  failWith(errors.variantOf(BigInt(rv)));
}

/** Ends the function with what another one gave. */
export function failWith(reason: TypesError): never {
  throw new Failure(reason);
}

/** Goes on only with `CKR_OK`. */
export function check(rv: Ulong): void {
  if (!isOk(rv)) fail(rv);
}

export function isOk(rv: Ulong): boolean {
  return Number(rv) === 0;
}

export function isRv(rv: Ulong, ...of: readonly ErrorName[]): boolean {
  return of.some((name) => CKR[name] === Number(rv));
}

/** For messages: `general-error (0x5)`. */
export function describeRv(rv: Ulong): string {
  return `${errors.variantOf(BigInt(rv)).tag} (0x${BigInt(rv).toString(16)})`;
}

/** What `work` gives, or the return value that ended it. */
export function answer<T>(work: () => T): Result<T, TypesError> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof Failure) return err(error.reason);
    throw error;
  }
}

/** The same for work that gives nothing. */
export function done(work: () => void): Result<undefined, TypesError> {
  return answer(() => {
    work();
    return undefined;
  });
}
