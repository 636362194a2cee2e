/**
 * One small routine in machine code, `settle(block)`: everything that the end of a call with nested results asks of
 * the C library, in one FFI call instead of two for each string. No compiler runs on the user's machine, so the
 * bytes are here, with the instructions beside them. They are position-independent, keep to the platform's C calling
 * convention, and read the addresses of `memcpy` and `free` from two words behind the code.
 *
 * The block, little-endian:
 *   0  u64  base: what the offsets below are added to
 *   8  u32  number of copies      12  u32  number of pointers
 *   16 u64  address of the pointers (u64 each), released in order
 *   32 …    the copies: u32 offset from base, u32 bytes, u64 source
 */

/** Where the parts of a block are, in bytes. */
export const BLOCK = { base: 0, copies: 8, pointers: 12, pointersAt: 16, firstCopy: 32 } as const;
/** Bytes of one copy in a block. */
export const COPY_BYTES = 16;

export interface Routine {
  readonly code: readonly number[];
  /** Where in the code the address of `memcpy` belongs (u64); that of `free` follows. */
  readonly functionsAt: number;
}

/** x86-64, System V calling convention. */
const X64: Routine = {
  functionsAt: 0x60,
  // oxfmt-ignore
  code: [
    0xf3, 0x0f, 0x1e, 0xfa, //             endbr64: where indirect branches are tracked, this is a target
    0x53, //                               push rbx
    0x55, //                               push rbp
    0x41, 0x54, //                         push r12             (the stack is 16-aligned from here on)
    0x49, 0x89, 0xfc, //                   mov r12, rdi         r12: the block
    0x41, 0x8b, 0x6c, 0x24, 0x08, //       mov ebp, [r12 + 8]   ebp: copies left
    0x49, 0x8d, 0x5c, 0x24, 0x20, //       lea rbx, [r12 + 32]  rbx: the next copy
    0x85, 0xed, //                         test ebp, ebp
    0x74, 0x1b, //                         je pointers
    // copy:
    0x8b, 0x3b, //                         mov edi, [rbx]
    0x49, 0x03, 0x3c, 0x24, //             add rdi, [r12]
    0x8b, 0x53, 0x04, //                   mov edx, [rbx + 4]
    0x48, 0x8b, 0x73, 0x08, //             mov rsi, [rbx + 8]
    0xff, 0x15, 0x34, 0x00, 0x00, 0x00, // call [rip + 0x34]    memcpy
    0x48, 0x83, 0xc3, 0x10, //             add rbx, 16
    0xff, 0xcd, //                         dec ebp
    0x75, 0xe5, //                         jne copy
    // pointers:
    0x41, 0x8b, 0x6c, 0x24, 0x0c, //       mov ebp, [r12 + 12]  ebp: pointers left
    0x49, 0x8b, 0x5c, 0x24, 0x10, //       mov rbx, [r12 + 16]  rbx: the next one
    0x85, 0xed, //                         test ebp, ebp
    0x74, 0x11, //                         je done
    // release:
    0x48, 0x8b, 0x3b, //                   mov rdi, [rbx]
    0xff, 0x15, 0x1d, 0x00, 0x00, 0x00, // call [rip + 0x1d]    free
    0x48, 0x83, 0xc3, 0x08, //             add rbx, 8
    0xff, 0xcd, //                         dec ebp
    0x75, 0xef, //                         jne release
    // done:
    0x41, 0x5c, //                         pop r12
    0x5d, //                               pop rbp
    0x5b, //                               pop rbx
    0xc3, //                               ret
    0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
  ],
};

/** AArch64, AAPCS64, little-endian. */
const ARM64: Routine = {
  functionsAt: 0x80,
  // oxfmt-ignore
  code: [
    0x5f, 0x24, 0x03, 0xd5, // bti c                      where indirect branches are tracked, this is a target
    0xfd, 0x7b, 0xbd, 0xa9, // stp x29, x30, [sp, #-48]!
    0xfd, 0x03, 0x00, 0x91, // mov x29, sp
    0xf3, 0x53, 0x01, 0xa9, // stp x19, x20, [sp, #16]
    0xf5, 0x13, 0x00, 0xf9, // str x21, [sp, #32]
    0xf3, 0x03, 0x00, 0xaa, // mov x19, x0                x19: the block
    0x74, 0x0a, 0x40, 0xb9, // ldr w20, [x19, #8]         w20: copies left
    0x75, 0x82, 0x00, 0x91, // add x21, x19, #32          x21: the next copy
    0x54, 0x01, 0x00, 0x34, // cbz w20, pointers
    // copy:
    0xa0, 0x0a, 0x40, 0x29, // ldp w0, w2, [x21]
    0x61, 0x02, 0x40, 0xf9, // ldr x1, [x19]
    0x00, 0x00, 0x01, 0x8b, // add x0, x0, x1
    0xa1, 0x06, 0x40, 0xf9, // ldr x1, [x21, #8]
    0x70, 0x02, 0x00, 0x58, // ldr x16, =memcpy
    0x00, 0x02, 0x3f, 0xd6, // blr x16
    0xb5, 0x42, 0x00, 0x91, // add x21, x21, #16
    0x94, 0x06, 0x00, 0x71, // subs w20, w20, #1
    0x01, 0xff, 0xff, 0x54, // b.ne copy
    // pointers:
    0x74, 0x0e, 0x40, 0xb9, // ldr w20, [x19, #12]        w20: pointers left
    0x75, 0x0a, 0x40, 0xf9, // ldr x21, [x19, #16]        x21: the next one
    0xd4, 0x00, 0x00, 0x34, // cbz w20, done
    // release:
    0xa0, 0x86, 0x40, 0xf8, // ldr x0, [x21], #8
    0x90, 0x01, 0x00, 0x58, // ldr x16, =free
    0x00, 0x02, 0x3f, 0xd6, // blr x16
    0x94, 0x06, 0x00, 0x71, // subs w20, w20, #1
    0x81, 0xff, 0xff, 0x54, // b.ne release
    // done:
    0xf3, 0x53, 0x41, 0xa9, // ldp x19, x20, [sp, #16]
    0xf5, 0x13, 0x40, 0xf9, // ldr x21, [sp, #32]
    0xfd, 0x7b, 0xc3, 0xa8, // ldp x29, x30, [sp], #48
    0xc0, 0x03, 0x5f, 0xd6, // ret
    0x1f, 0x20, 0x03, 0xd5, // nop
    0x1f, 0x20, 0x03, 0xd5, // nop
  ],
};

/** The routine for this machine. Linux only: elsewhere calling conventions, or the rules for code at run time, differ. */
export function routineFor(platform: string, architecture: string): Routine | undefined {
  if (platform !== "linux") return undefined;
  if (architecture === "x64") return X64;
  return architecture === "arm64" ? ARM64 : undefined;
}
