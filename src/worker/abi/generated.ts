/** Functions generated for one type, and their text, kept so that it can be shown (`--dump-trampolines`). */
import type { ValueType } from "../../shared/wit/types.ts";
import { commaList, identifier, js, type Scope, type Source } from "./codegen.ts";
import { fieldNames } from "./names.ts";
import { within } from "./violation.ts";

const texts = new WeakMap<ValueType, string[]>();

/** What was generated for a type so far, in order. */
export function generatedSources(type: ValueType): readonly string[] {
  return texts.get(type) ?? [];
}

/** Evaluates a function generated for a type, and remembers its text. `F` is the type that the text gives it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller's template is the only witness
export function generate<F>(type: ValueType, verb: string, source: Source, scope: Scope): F {
  const known = texts.get(type);
  if (known === undefined) texts.set(type, [source.text]);
  else known.push(source.text);
  return scope.evaluate<F>(
    source,
    `${verb}-${"name" in type && type.name !== undefined ? type.name : type.kind}`,
  );
}

/** One member of a struct: its index, and the statement that deals with it. */
export interface MemberStatement {
  readonly index: number;
  readonly statement: Source;
}

/** A function over the members of a record or tuple; a violation inside gets the member's name into its path. */
export function structFunction(
  type: ValueType,
  verb: Source,
  params: readonly Source[],
  members: readonly MemberStatement[],
  scope: Scope,
): Source {
  const names = scope.use(fieldNames(type), identifier("fields"));
  const wrap = scope.use(within, identifier("within"));
  const steps = members.map(({ index, statement }) => js`    step = ${index}; ${statement}`);
  return js`function ${verb}(${commaList(params)}) {
  let step = 0;
  try {
${steps}
  } catch (error) {
    throw ${wrap}(error, ${names}[step]);
  }
}`;
}
