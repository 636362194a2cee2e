/** Generates the half of an entry that calls a lifted core function (`canon_lift`). */
import { flattenLifted } from "../../../shared/canonical-abi/flatten.ts";
import type { FuncType } from "../../../shared/wit/types.ts";
import { commaList, identifier, js, type Source } from "../codegen.ts";
import { Violation } from "../violation.ts";
import { mentions } from "./conversion.ts";
import type { Side } from "./entry-builder.ts";
import { emitLift, touchesMemory } from "./entry-lift.ts";
import { emitLower } from "./entry-lower.ts";
import { leave, type Site, swallowed } from "./faults.ts";
import type { Guest } from "./guest.ts";

/**
 * Emits the call with these values as arguments and gives an expression for the result. In scope: `core`, and
 * `instance`, which is the callee's.
 */
export function emitCall(
  side: Side,
  type: FuncType,
  values: readonly Source[],
  site: Site,
): Source | undefined {
  const { entry, guest, scope } = side;
  const lifted = flattenLifted(type);
  const types = type.params.map((param) => param.type);
  if (mentions(types, "borrow")) side.outer = entry.constant(js`${guest}.beginCall()`);
  if (touchesMemory(types, lifted.paramsSpilled)) entry.emit(js`${guest}.begin();`);
  const args = emitLower(
    side,
    type.params,
    values,
    lifted.paramsSpilled ? { kind: "allocated", where: "parameters" } : { kind: "flat" },
  );
  entry.step("call");
  entry.emit(js`${lifted.result === undefined ? js`` : js`const returned = `}core(${commaList(args)});`);
  const noted = js`${scope.use(swallowed, identifier("swallowed"))}(${scope.use(site, identifier("site"))}, instance)`;
  entry.emit(js`if (!instance.mayLeave) throw ${noted};`);
  const result = emitResult(side, type, lifted.resultSpilled);
  if (side.outer !== undefined) {
    entry.step("call");
    entry.emit(
      js`${scope.use(checkBorrows, identifier("checkBorrows"))}(${guest});`,
      js`${guest}.endCall(${side.outer});`,
    );
  }
  return result;
}

function emitResult(side: Side, { result: type }: FuncType, isSpilled: boolean): Source | undefined {
  if (type === undefined) return undefined;
  if (touchesMemory([type], isSpilled)) side.entry.emit(js`${side.guest}.begin();`);
  const spilled = isSpilled ? { where: "result" } : undefined;
  return emitLift(side, [{ name: "result", type }], [js`returned`], spilled)[0];
}

/** Emits what comes after the result was delivered. In scope: `postReturn`, `instance`, `entered`. */
export function emitEnd(side: Side, type: FuncType): void {
  const { entry, scope } = side;
  const argument = flattenLifted(type).result === undefined ? js`` : js`returned`;
  entry.step("post-return");
  entry.emit(
    js`if (postReturn !== undefined) {`,
    js`  instance.mayLeave = false;`,
    js`  postReturn(${argument});`,
    js`  if (instance.failure !== undefined) throw instance.failure;`,
    js`  instance.mayLeave = true;`,
    js`}`,
    js`${scope.use(leave, identifier("leave"))}(entered);`,
  );
}

/** `Task.return_` */
function checkBorrows({ call }: Guest): void {
  if (call.borrows !== 0) throw new Violation("borrow handles still remain at the end of the call");
}
