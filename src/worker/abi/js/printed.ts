/** The text of what was generated for a function, for `--dump-trampolines`. */
import { childrenOf } from "../../../shared/wit/children.ts";
import type { FuncType, ValueType } from "../../../shared/wit/types.ts";
import { comment, type Source } from "../codegen.ts";
import { generatedSources } from "../generated.ts";

export function printed(label: string, type: FuncType, entry: Source): string {
  const seen = new Set<ValueType>();
  const pending = type.params.map((param) => param.type);
  if (type.result !== undefined) pending.push(type.result);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...childrenOf(next));
  }
  return [comment(label).text, ...[...seen].flatMap((each) => generatedSources(each)), entry.text, ""].join(
    "\n",
  );
}
