/** Generates the core function of a lowered import: fixed arity, one straight line from flat parameters to C and back. */
import type { FuncType } from "../../shared/wit/types.ts";
import { classify, foreignTypes } from "./c-signature.ts";
import { commaList, identifier, js, type Scope, type Source } from "./codegen.ts";
import { emitArguments } from "./entry-arguments.ts";
import { EntryBuilder } from "./entry-builder.ts";
import { emitCallAndResult } from "./entry-result.ts";
import type { NoteEntry } from "../native/crash-note.ts";
import type { HandleUse } from "./handles.ts";
import type { Views } from "./views.ts";

export interface Entry {
  /** An expression: a function of a `Call` and the C function that gives the core function. */
  readonly source: Source;
  readonly scope: Scope;
  readonly foreign: { readonly result: string; readonly params: readonly string[] };
  /** Uses the guest's memory, so `bind` needs one. */
  readonly usesMemory: boolean;
  readonly handleUse: HandleUse;
}

/** What is needed besides the type. */
export interface EntryContext {
  readonly name: string;
  /** C code owns its arguments: tell the call when it begins. */
  readonly ownsArguments: boolean;
  /** Where a crash report will look for what was called. */
  readonly note?: NoteEntry | undefined;
  /** Makes the fixed native memory that structs of this function are built in. */
  openFrame(bytes: number): Views;
}

export function generateEntry(type: FuncType, context: EntryContext): Entry {
  const entry = new EntryBuilder(type);
  const signature = classify(type);
  const args = emitArguments(entry, signature.params);
  if (context.note !== undefined)
    entry.emit(js`${entry.scope.use(context.note.cells, identifier("note"))}[0] = ${context.note.at};`);
  emitCallAndResult(entry, signature.result, args, context.ownsArguments);
  return {
    source: print(entry, context),
    scope: entry.scope,
    foreign: foreignTypes(signature),
    usesMemory: entry.usesMemory,
    handleUse: entry.handleUse,
  };
}

function print(entry: EntryBuilder, context: EntryContext): Source {
  const params = commaList(entry.flat.params.map((_, index) => js`p${index}`));
  const frame = context.openFrame(entry.plan.size);
  const declarations: Source[] = [];
  if (entry.usesFrame) declarations.push(js`  const frame = ${entry.scope.use(frame, identifier("frame"))};`);
  if (entry.handleUse.resources.length > 0) declarations.push(js`  const handles = call.handles;`);
  for (const number of entry.handleUse.resources.keys())
    declarations.push(js`  const resource${number} = handles.resource(${number});`);
  for (const [offset, name] of entry.plan.names)
    declarations.push(js`  const ${name} = ${frame.base + offset};`);
  return js`function bind(call, native) {
  const instance = call.instance;
${declarations}
  return function ${identifier("lowered", context.name)}(${params}) {
    if (!instance.mayLeave) call.refuse();
${guarded(entry)}
  };
}`;
}

/** The statements, with as much around them as they need: a function of plain scalars needs nothing. */
function guarded(entry: EntryBuilder): Source {
  const body = entry.statements;
  const isEntered = entry.usesMemory || entry.usesFrame;
  if (!isEntered && !entry.mayFail) return js`${body}`;
  const places = entry.scope.use(entry.places, identifier("places"));
  const guest = entry.usesMemory ? js`const guest = ` : js``;
  return js`${isEntered ? js`    ${guest}call.enter();\n` : js``}    let step = 0;
    try {
${body}
    } catch (error) {
      throw call.explain(error, ${places}, step);
    }${isEntered ? js` finally { call.leave(); }` : js``}`;
}
