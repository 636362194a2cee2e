const MIB = 1024 ** 2;

/** A size as a person reads it, in MiB. */
export function printBytes(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${(bytes / MIB).toFixed(2)} MiB`;
}
