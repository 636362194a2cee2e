/**
 * The functions of a PKCS#11 module, called through its function list (`CK_FUNCTION_LIST`: a version, then 68
 * pointers in the order of pkcs11f.h). `C_GetFunctionList` is the one symbol that every module exports.
 */
import { HostbundleError } from "../../../../shared/errors.ts";
import { libc } from "../../../native/libc.ts";
import koffi from "koffi";

/** Position in the list, and number of arguments: all of them are `CK_ULONG`s, pointers, or a `CK_BBOOL` in a register. */
const FUNCTIONS = {
  C_Initialize: [0, 1],
  C_Finalize: [1, 1],
  C_GetInfo: [2, 1],
  C_GetSlotList: [4, 3],
  C_GetSlotInfo: [5, 2],
  C_GetTokenInfo: [6, 2],
  C_GetMechanismList: [7, 3],
  C_GetMechanismInfo: [8, 3],
  C_InitToken: [9, 4],
  C_InitPIN: [10, 3],
  C_SetPIN: [11, 5],
  C_OpenSession: [12, 5],
  C_CloseSession: [13, 1],
  C_GetSessionInfo: [15, 2],
  C_Login: [18, 4],
  C_Logout: [19, 1],
  C_CreateObject: [20, 4],
  C_CopyObject: [21, 5],
  C_DestroyObject: [22, 2],
  C_GetObjectSize: [23, 3],
  C_GetAttributeValue: [24, 4],
  C_SetAttributeValue: [25, 4],
  C_FindObjectsInit: [26, 3],
  C_FindObjects: [27, 4],
  C_FindObjectsFinal: [28, 1],
  C_EncryptInit: [29, 3],
  C_Encrypt: [30, 5],
  C_EncryptUpdate: [31, 5],
  C_EncryptFinal: [32, 3],
  C_DecryptInit: [33, 3],
  C_Decrypt: [34, 5],
  C_DecryptUpdate: [35, 5],
  C_DecryptFinal: [36, 3],
  C_DigestInit: [37, 2],
  C_Digest: [38, 5],
  C_DigestUpdate: [39, 3],
  C_DigestFinal: [41, 3],
  C_SignInit: [42, 3],
  C_Sign: [43, 5],
  C_SignUpdate: [44, 3],
  C_SignFinal: [45, 3],
  C_VerifyInit: [48, 3],
  C_Verify: [49, 5],
  C_VerifyUpdate: [50, 3],
  C_VerifyFinal: [51, 3],
  C_GenerateKey: [58, 5],
  C_GenerateKeyPair: [59, 8],
  C_WrapKey: [60, 6],
  C_UnwrapKey: [61, 8],
  C_DeriveKey: [62, 6],
  C_SeedRandom: [63, 3],
  C_GenerateRandom: [64, 3],
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** A `CK_ULONG`, a handle, or an address. */
export type Ulong = number | bigint;

export interface Cryptoki {
  /** Where the function list lies: the same for all who opened one image of the module. */
  readonly list: bigint;
  /** Gives the `CK_RV`. */
  call(name: FunctionName, ...args: readonly Ulong[]): Ulong;
}

/** A library by the one thing that is needed of it; addresses are bigints or numbers. */
interface Library {
  func(symbol: string, result: string, parameters: string[]): NativeFunction;
}

type NativeFunction = (...args: readonly Ulong[]) => Ulong;

const LIST_FUNCTIONS = 68;
const FIRST_POINTER = 8;
const FUNCTION_NOT_SUPPORTED = 0x54;

/** Where `CK_ULONG` has 64 bits, structures are packed naturally, and numbers are little-endian. */
const SUPPORTED = { platforms: ["linux", "darwin", "freebsd"], architectures: ["x64", "arm64", "riscv64"] };

/** Throws HOST_FAULT where the library is no PKCS#11 module, or this machine not one that we know. */
export function openCryptoki(library: Library, bundle: string): Cryptoki {
  const { platform, arch } = process;
  if (!SUPPORTED.platforms.includes(platform) || !SUPPORTED.architectures.includes(arch)) {
    throw new HostbundleError("HOST_FAULT", `PKCS#11 modules cannot be used on ${platform} (${arch})`, {
      bundle,
      help: "the adapter knows 64-bit Linux, macOS and FreeBSD",
    });
  }
  const pointers = functionList(library, bundle);
  const functions = new Map<FunctionName, NativeFunction>();
  return {
    list: pointers.list,
    call(name, ...args) {
      let native = functions.get(name);
      if (native === undefined) {
        native = bind(pointers.at(FUNCTIONS[name][0]), FUNCTIONS[name][1]);
        functions.set(name, native);
      }
      return native(...args);
    },
  };
}

function functionList(library: Library, bundle: string): { list: bigint; at(index: number): bigint } {
  const out = new BigUint64Array(1);
  const { memory } = libc();
  if (getFunctionList(library, bundle)(memory.addressOf(out.buffer)) !== 0 || out[0] === 0n)
    throw notUsable(bundle, "C_GetFunctionList gives no list");
  const [list = 0n] = out;
  const copy = new DataView(new ArrayBuffer(FIRST_POINTER + 8 * LIST_FUNCTIONS));
  memory.memcpy(memory.addressOf(copy.buffer), Number(list), copy.byteLength);
  const major = copy.getUint8(0);
  if (major < 2) throw notUsable(bundle, `its version is ${major}.${copy.getUint8(1)}`);
  return { list, at: (index) => copy.getBigUint64(FIRST_POINTER + 8 * index, true) };
}

function getFunctionList(library: Library, bundle: string): NativeFunction {
  try {
    return library.func("C_GetFunctionList", "uint64_t", ["uintptr_t"]);
  } catch (error) {
    throw notUsable(bundle, "it lacks the symbol C_GetFunctionList", error);
  }
}

/** A pointer of the list; what a module lacks is a stub there, or NULL. */
function bind(pointer: bigint, arity: number): NativeFunction {
  if (pointer === 0n) return () => FUNCTION_NOT_SUPPORTED;
  const parameters = Array.from({ length: arity }, () => "uint64_t");
  return koffi.decode(pointer, koffi.proto("uint64_t", parameters));
}

function notUsable(bundle: string, why: string, cause?: unknown): HostbundleError {
  return new HostbundleError(
    "HOST_FAULT",
    `the library of host bundle "${bundle}" is no PKCS#11 v2 module: ${why}`,
    {
      bundle,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
