import { printFunc } from "../../shared/wit/print-type.ts";
import type { DecodedComponent } from "../../shared/wit/binary/decode-world.ts";
import type { WorldItem } from "../../shared/wit/types.ts";
import { isTypesOnly, itemFunctions } from "../link/provider.ts";
import { isServedWasi } from "../link/wasi.ts";
import { table } from "./table.ts";

type ServedBy = "wasi" | "types-only" | "bundle";

/** A component's imports and exports, each with its functions in WIT, and who links it. */
export function componentLines(path: string, { world, linking }: DecodedComponent): readonly string[] {
  return [
    `component ${path}`,
    linking.kind === "own" ? "linked by hostbundle" : `linked by jco: ${linking.refusal.reason}`,
    ...section("imports", world.imports, (item) => IMPORT_NOTES[servedBy(item)]),
    ...section("exports", world.exports, () => ""),
  ];
}

export function componentToJson(path: string, { world, linking }: DecodedComponent): object {
  return {
    status: "ok",
    kind: "component",
    component: path,
    linker: linking.kind === "own" ? { name: "own" } : { name: "jco", reason: linking.refusal.reason },
    imports: world.imports.map((item) => ({ ...itemToJson(item), servedBy: servedBy(item) })),
    exports: world.exports.map(itemToJson),
  };
}

const IMPORT_NOTES: Readonly<Record<ServedBy, string>> = {
  wasi: "built in",
  "types-only": "types only",
  bundle: "needs a host bundle",
};

function servedBy(item: WorldItem): ServedBy {
  if (isServedWasi(item.name)) return "wasi";
  return isTypesOnly(item) ? "types-only" : "bundle";
}

function section(
  title: string,
  items: readonly WorldItem[],
  note: (item: WorldItem) => string,
): readonly string[] {
  if (items.length === 0) return [`${title}: none`];
  const rows = items.flatMap((item) =>
    item.kind === "function"
      ? [{ text: printFunc(item.name, item.function.type), note: note(item) }]
      : [
          { text: item.name, note: note(item) },
          ...item.interface.functions.map((func) => ({
            text: `  ${printFunc(func.name, func.type)}`,
            note: "",
          })),
        ],
  );
  // Only the rows with a note decide the column: long signatures would push it off the screen.
  const noted = table(rows.filter((row) => row.note !== "").map((row) => [row.text, row.note]));
  let next = 0;
  return [title, ...rows.map((row) => `  ${row.note === "" ? row.text : (noted[next++] ?? row.text)}`)];
}

function itemToJson(item: WorldItem): object {
  return {
    name: item.name,
    kind: item.kind,
    functions: itemFunctions(item).map(({ func }) => ({
      name: func.name,
      wit: printFunc(func.name, func.type),
    })),
  };
}
