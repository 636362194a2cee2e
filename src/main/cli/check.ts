/** `hostbundle check`: links without running. */
import type { AdapterPlan, FunctionPlan, ImportPlan, LinkPlan } from "../../shared/protocol.ts";
import { printFunc } from "../../shared/wit/print-type.ts";
import { createHost } from "../index.ts";
import type { ParsedArgs } from "./args.ts";
import type { CliIo, Output } from "./output.ts";
import { table } from "./table.ts";

/** Prints the plan; findings are thrown by the linker as one error. */
export async function check(args: ParsedArgs, _io: CliIo, output: Output): Promise<number> {
  await using host = await createHost({
    bundles: args.flags.get("--host-bundle") ?? [],
    manifests: args.flags.get("--host-config") ?? [],
    // Nothing runs here.
    allowAdapterCode: true,
  });
  const path = args.positional ?? "";
  const component = await host.load(path);
  for (const warning of host.warnings) output.warning(warning);
  if (output.json) output.object(planToJson(path, component.plan, host.warnings));
  else for (const line of planLines(path, component.plan)) output.line(line);
  return 0;
}

function planLines(path: string, plan: LinkPlan): readonly string[] {
  const heads = table(plan.imports.map((item) => [item.name, headText(item, plan)]));
  const libraries = [
    ...plan.libraries.map(({ bundle, path: library }) => [`host bundle "${bundle}"`, library]),
    ...plan.adapters.flatMap(({ bundle, library }) =>
      library === undefined ? [] : [[`host bundle "${bundle}"`, library]],
    ),
  ];
  return [
    `${path} links${plan.imports.length === 0 ? ": it imports nothing" : ""}`,
    ...plan.imports.flatMap((item, index) => [`  ${heads[index] ?? ""}`, ...functionLines(item)]),
    ...(libraries.length === 0 ? [] : ["libraries", ...table(libraries).map((line) => `  ${line}`)]),
  ];
}

function headText(item: ImportPlan, plan: LinkPlan): string {
  switch (item.kind) {
    case "wasi":
      return "built in";
    case "types-only":
      return "types only";
    case "native-function":
      return `${server(item.function, plan)}  ${symbolText(item.function)}`;
    case "native-interface":
      return item.functions.length === 0 ? "resources only" : server(item.functions[0], plan);
    case "adapter-interface":
    case "adapter-function":
      return adapterText(item.adapter, plan);
  }
}

function adapterText(index: number, { adapters }: LinkPlan): string {
  const planned = adapters[index];
  if (planned === undefined) return "";
  return `host bundle "${planned.bundle}"  adapter ${adapterName(planned)}`;
}

function adapterName({ adapter }: AdapterPlan): string {
  return adapter.kind === "built-in" ? adapter.name : adapter.path;
}

function functionLines(item: ImportPlan): readonly string[] {
  if (item.kind !== "native-interface") return [];
  return table(item.functions.map((func) => [func.name, symbolText(func)])).map((line) => `    ${line}`);
}

function server(func: FunctionPlan | undefined, plan: LinkPlan): string {
  return `host bundle "${plan.libraries[func?.library ?? -1]?.bundle ?? ""}"`;
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
    case "adapter-interface":
    case "adapter-function": {
      const planned = plan.adapters[item.adapter];
      return {
        name: item.name,
        servedBy: "adapter",
        bundle: planned?.bundle,
        ...(planned === undefined ? {} : { adapter: adapterName(planned) }),
        ...(item.kind === "adapter-function" ? {} : { functions: item.functions.map((name) => ({ name })) }),
      };
    }
  }
}

function functionToJson({ name, type, symbol, convention }: FunctionPlan): object {
  return { name, wit: printFunc(name, type), symbol, convention };
}
