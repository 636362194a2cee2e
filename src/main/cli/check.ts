/** `hostbundle check`: links without running. */
import type { FunctionPlan, ImportPlan, LinkPlan } from "../../shared/protocol.ts";
import { printFunc } from "../../shared/wit/print.ts";
import { createHost } from "../index.ts";
import type { ParsedArgs } from "./args.ts";
import type { CliIo, Output } from "./output.ts";
import { table } from "./table.ts";

/** Prints the plan; findings are thrown by the linker as one error. */
export async function check(args: ParsedArgs, _io: CliIo, output: Output): Promise<number> {
  await using host = await createHost({
    bundles: args.flags.get("--host-bundle") ?? [],
    manifests: args.flags.get("--host-config") ?? [],
  });
  const path = args.positional ?? "";
  const component = await host.load(path);
  for (const warning of host.warnings) output.warning(warning);
  if (output.json) output.object(planToJson(path, component.plan, host.warnings));
  else for (const line of planLines(path, component.plan)) output.line(line);
  return 0;
}

function planLines(path: string, plan: LinkPlan): readonly string[] {
  const rows = plan.imports.flatMap((item) => importRows(item, plan));
  const libraries = plan.libraries.map(({ bundle, path: library }) => [`host bundle "${bundle}"`, library]);
  return [
    `${path} links${plan.imports.length === 0 ? ": it imports nothing" : ""}`,
    ...table(rows).map((line) => `  ${line}`),
    ...(libraries.length === 0 ? [] : ["libraries", ...table(libraries).map((line) => `  ${line}`)]),
  ];
}

function importRows(item: ImportPlan, plan: LinkPlan): readonly (readonly string[])[] {
  switch (item.kind) {
    case "wasi":
      return [[item.name, "built in"]];
    case "types-only":
      return [[item.name, "types only"]];
    case "native-function":
      return [[item.name, `${server(item.function, plan)}  ${symbolText(item.function)}`]];
    case "native-interface": {
      const [first] = item.functions;
      const head = [item.name, first === undefined ? "" : server(first, plan)];
      return [head, ...item.functions.map((func) => [`  ${func.name}`, `  ${symbolText(func)}`])];
    }
  }
}

function server(func: FunctionPlan, plan: LinkPlan): string {
  return `host bundle "${plan.libraries[func.library]?.bundle ?? ""}"`;
}

function symbolText({ symbol, convention }: FunctionPlan): string {
  return convention === "import" ? symbol : `${symbol} (owns its arguments)`;
}

function planToJson(path: string, plan: LinkPlan, warnings: readonly object[]): object {
  return {
    status: "ok",
    component: path,
    imports: plan.imports.map((item) => importToJson(item, plan)),
    libraries: plan.libraries.map(({ bundle, path: library, threadsafe }) => ({
      bundle,
      path: library,
      threadsafe,
    })),
    warnings,
  };
}

function importToJson(item: ImportPlan, plan: LinkPlan): object {
  switch (item.kind) {
    case "wasi":
    case "types-only":
      return { name: item.name, servedBy: item.kind };
    case "native-function":
      return {
        name: item.name,
        servedBy: "bundle",
        bundle: plan.libraries[item.function.library]?.bundle,
        functions: [functionToJson(item.function)],
      };
    case "native-interface":
      return {
        name: item.name,
        servedBy: "bundle",
        bundle: plan.libraries[item.functions[0]?.library ?? -1]?.bundle,
        functions: item.functions.map(functionToJson),
      };
  }
}

function functionToJson({ name, type, symbol, convention }: FunctionPlan): object {
  return { name, wit: printFunc(name, type), symbol, convention };
}
