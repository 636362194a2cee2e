import type { BinaryReader } from "../wit/binary/reader.ts";

/**
 * Steps over a constant expression (WebAssembly, "Constant Expressions", with the extended ones and those of GC).
 * Gives whether every instruction was known; if not, where it ends is not known either.
 */
export function skipConstantExpression(reader: BinaryReader): boolean {
  for (;;) {
    switch (reader.byte()) {
      case 0x0b:
        return true;
      // `i32.const` and `i64.const`: how long a number is shows without its value.
      case 0x41:
      case 0x42:
        skipInteger(reader);
        break;
      case 0x43:
        reader.slice(4);
        break;
      case 0x44:
        reader.slice(8);
        break;
      // `global.get`, `ref.func`
      case 0x23:
      case 0xd2:
        reader.u32();
        break;
      // `ref.null`
      case 0xd0:
        reader.s33();
        break;
      // `add`, `sub`, `mul` of `i32` and of `i64`
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfb:
        if (!skipGarbageCollected(reader)) return false;
        break;
      case 0xfd:
        if (reader.u32() !== 0x0c) return false;
        reader.slice(16);
        break;
      default:
        return false;
    }
  }
}

/** `struct.new`, `array.new` and the like. */
function skipGarbageCollected(reader: BinaryReader): boolean {
  switch (reader.u32()) {
    case 0:
    case 1:
    case 6:
    case 7:
      reader.u32();
      return true;
    case 8:
      reader.u32();
      reader.u32();
      return true;
    case 26:
    case 27:
    case 28:
      return true;
    default:
      return false;
  }
}

function skipInteger(reader: BinaryReader): void {
  while ((reader.byte() & 0x80) !== 0);
}
