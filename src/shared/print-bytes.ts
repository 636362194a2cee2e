const KIB = 1024;
const MIB = 1024 ** 2;

/** A size as a person reads it: in MiB, and in smaller units where it is less than one. */
export function printBytes(bytes: number): string {
  if (bytes % MIB === 0) return `${bytes / MIB} MiB`;
  if (bytes > MIB) return `${(bytes / MIB).toFixed(2)} MiB`;
  return bytes % KIB === 0 ? `${bytes / KIB} KiB` : `${bytes} bytes`;
}
