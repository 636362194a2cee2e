/**
 * Component imports × host bundles → a plan of plain data, or every reason why there is none.
 *
 * Interfaces match by the Component Model's version rule, functions by their types, symbols by
 * `NATIVE-ABI.md`. Nothing is opened and nothing runs here.
 */
import { HostbundleError, type Finding } from "../../shared/errors.ts";
import type { FunctionPlan, ImportPlan, LinkPlan, ResourcePlan } from "../../shared/protocol.ts";
import { sameFunc } from "../../shared/wit/equal.ts";
import { pairResources } from "../../shared/wit/pair-resources.ts";
import type { FuncType, WitFunction, WorldItem, WorldType } from "../../shared/wit/types.ts";
import { checkBundle } from "./bundle-findings.ts";
import * as findings from "./findings.ts";
import { HandleFinder } from "./handles.ts";
import { planAdapter, planLibrary } from "./library-plan.ts";
import { findMatches, type Match } from "./match.ts";
import { ResourceLinks } from "./resources.ts";
import {
  bindDrop,
  bindSymbol,
  dropName,
  isTypesOnly,
  itemFunctions,
  toProvider,
  type BundleWorld,
  type Provider,
} from "./provider.ts";
import { isServedWasi } from "./wasi.ts";

export interface LinkInput {
  /** The component's file, for messages. */
  readonly path: string;
  readonly world: WorldType;
  readonly bundles: readonly BundleWorld[];
}

/** A report of a thousand faults is read no better than one of a hundred, and near names cost time. */
const MAX_FINDINGS = 100;

/**
 * Links a component against bundles. Throws `LINK_FAILED` with all findings: imports that nobody or more
 * than one bundle serves, versions and signatures that don't fit, symbols a library lacks, entries of
 * `[functions]` and `serves` that name nothing.
 */
export function linkComponent(input: LinkInput): LinkPlan {
  const linker = new Linker(input);
  const plan = linker.link();
  if (linker.findings.length > 0) throw linkError(input.path, linker);
  return plan;
}

function linkError(path: string, { findings: all, blamed }: Linker): HostbundleError {
  const isCut = all.length > MAX_FINDINGS;
  const shown = isCut ? [...all.slice(0, MAX_FINDINGS), { message: "… and more" }] : all;
  const [bundle] = blamed;
  const count = isCut ? `more than ${MAX_FINDINGS}` : String(all.length);
  const reasons = all.length === 1 ? "" : ` for ${count} reasons`;
  return new HostbundleError("LINK_FAILED", `${path} cannot be linked${reasons}`, {
    findings: shown,
    ...(bundle !== undefined && blamed.size === 1 ? { bundle } : {}),
  });
}

/** One resource of the bundle is several of the component's, in one function: its library cannot tell them apart. */
function isAmbiguous(provided: FuncType, wanted: FuncType): boolean {
  return [...pairResources(provided, wanted).values()].some((counterparts) => counterparts.size > 1);
}

/** The end of a resource as a function. */
function dropFunction(resource: string): WitFunction {
  const type: FuncType = { params: [{ name: "self", type: { kind: "own", resource: { name: resource } } }] };
  return { name: dropName(resource), role: { kind: "freestanding" }, type };
}

class Linker {
  readonly findings: Finding[] = [];
  /** Bundles that a finding is about. */
  readonly blamed = new Set<string>();
  readonly #world: WorldType;
  readonly #providers: readonly Provider[];
  readonly #libraries = new Map<Provider, number>();
  readonly #adapters = new Map<Provider, number>();
  readonly #lacking = new Map<Provider, findings.LackingSymbol[]>();
  readonly #handles = new HandleFinder();
  /** The function that each symbol of a bundle was bound to first. */
  readonly #bound = new Map<Provider, Map<string, findings.LabelledFunction>>();
  readonly #resources: ResourcePlan[] = [];
  readonly #links: ResourceLinks;

  constructor({ world, bundles }: LinkInput) {
    this.#world = world;
    this.#links = new ResourceLinks(world);
    this.#providers = bundles.map(toProvider);
  }

  link(): LinkPlan {
    for (const provider of this.#providers) {
      for (const finding of checkBundle(provider)) this.#blame(provider, finding);
    }
    const imports: ImportPlan[] = [];
    for (const item of this.#world.imports) {
      if (this.findings.length > MAX_FINDINGS) break;
      const plan = this.#planImport(item);
      if (plan !== undefined) imports.push(plan);
    }
    this.#checkResources();
    for (const [provider, symbols] of this.#lacking) {
      this.#blame(provider, findings.symbolsLacking(provider.bundle, symbols));
    }
    const libraries = [...this.#libraries.keys()].flatMap(({ bundle }) =>
      bundle.library === undefined ? [] : [planLibrary(bundle, bundle.library)],
    );
    const adapters = [...this.#adapters.keys()].flatMap(({ bundle, adapter }) =>
      adapter === undefined ? [] : [planAdapter(bundle, adapter.adapter)],
    );
    return { libraries, adapters, resources: this.#resources, imports };
  }

  #blame(provider: Provider, finding: Finding): void {
    this.blamed.add(provider.bundle.name);
    this.findings.push(finding);
  }

  #planImport(item: WorldItem): ImportPlan | undefined {
    const { name } = item;
    if (isTypesOnly(item)) return { kind: "types-only", name };
    const matches = findMatches(item, this.#providers);
    const [match, second] = matches;
    if (match === undefined) {
      if (isServedWasi(name)) return { kind: "wasi", name };
      this.findings.push(findings.notServed(item, this.#providers));
      return undefined;
    }
    if (second !== undefined) {
      this.findings.push(findings.servedTwice(item, matches));
      return undefined;
    }
    this.#links.bind(item, match);
    return this.#bind(item, match);
  }

  #bind(item: WorldItem, { provider, item: provided, comparison }: Match): ImportPlan | undefined {
    const { name } = item;
    const functions = itemFunctions(item);
    const { adapter } = provider;
    const plans: FunctionPlan[] = [];
    const missing: WitFunction[] = [];
    const offered = new Map(itemFunctions(provided).map((entry) => [entry.func.name, entry]));
    for (const { owner, func } of functions) {
      if (this.findings.length > MAX_FINDINGS) return undefined;
      const offer = offered.get(func.name);
      if (offer === undefined) missing.push(func);
      else if (!sameFunc(func.type, offer.func.type, comparison) || isAmbiguous(offer.func.type, func.type)) {
        this.#blame(provider, findings.signatureDiffers(owner, func, offer.func, provider.bundle));
      } else {
        // Its type as the bundle's WIT has it: the author's C header was made from that.
        const plan =
          adapter === undefined ? this.#bindFunction(provider, offer.owner, offer.func) : undefined;
        if (plan !== undefined) plans.push(plan);
        if (this.#handles.usesResources(func))
          this.#links.use({ owner, func, provider, provided: offer.func.type });
      }
    }
    if (missing.length > 0)
      this.#blame(provider, findings.functionsMissing(item, provided, missing, provider.bundle));
    if (adapter !== undefined) return this.#planAdapter(item, provider, adapter.provided.get(provided.name));
    if (plans.length < functions.length) return undefined;
    this.#planResources(item, provider, provided);
    if (item.kind === "interface") return { kind: "native-interface", name, functions: plans };
    const [first] = plans;
    return first === undefined ? undefined : { kind: "native-function", name, function: first };
  }

  /** `provided`: the item's name in the adapter; absent where it does not fit, which is said elsewhere. */
  #planAdapter(item: WorldItem, provider: Provider, provided: string | undefined): ImportPlan | undefined {
    if (provided === undefined) return undefined;
    const adapter = this.#adapters.get(provider) ?? this.#adapters.size;
    this.#adapters.set(provider, adapter);
    const { name } = item;
    if (item.kind === "function") return { kind: "adapter-function", name, adapter };
    return {
      kind: "adapter-interface",
      name,
      adapter,
      provided,
      functions: item.interface.functions.map((func) => func.name),
      resources: item.interface.resources.map((resource) => resource.name),
    };
  }

  /** The resources that an import declares, and what ends them. Those of the world itself are no import's. */
  #planResources(item: WorldItem, provider: Provider, provided: WorldItem): void {
    if (item.kind !== "interface") return;
    for (const { name } of item.interface.resources)
      this.#planResource(provider, item.name, provided.name, name);
  }

  /** `item` and `owner`: the interface as the component and as the bundle names it; absent for a resource of the world. */
  #planResource(provider: Provider, item: string | undefined, owner: string | undefined, name: string): void {
    const bound = bindDrop(provider, owner, name);
    if (bound?.kind === "present")
      this.#takeSymbol(provider, bound.symbol, { owner, func: dropFunction(name) });
    if (bound?.kind === "absent") this.#lacks(provider, { owner, func: dropName(name), ...bound });
    this.#resources.push({
      ...(item === undefined ? { item: name } : { item, name }),
      library: this.#libraryOf(provider),
      ...(bound?.kind === "present" ? { dropSymbol: bound.symbol } : {}),
    });
  }

  #checkResources(): void {
    for (const { owner, func, resource, provider, server } of this.#links.foreign()) {
      const finding = findings.foreignResource({ owner, func }, resource, provider.bundle, server?.bundle);
      this.#blame(provider, finding);
    }
    for (const [{ name }, provider] of this.#links.ofWorld()) {
      if (provider.adapter === undefined) this.#planResource(provider, undefined, undefined, name);
      else this.#blame(provider, findings.worldResource(name, provider.bundle));
    }
  }

  #lacks(provider: Provider, symbol: findings.LackingSymbol): void {
    const lacking = this.#lacking.get(provider) ?? [];
    lacking.push(symbol);
    this.#lacking.set(provider, lacking);
  }

  #libraryOf(provider: Provider): number {
    const library = this.#libraries.get(provider) ?? this.#libraries.size;
    this.#libraries.set(provider, library);
    return library;
  }

  /** `owner` is the interface as the *bundle* names it: its version may be another than the component's. */
  #bindFunction(provider: Provider, owner: string | undefined, func: WitFunction): FunctionPlan | undefined {
    const bound = bindSymbol(provider, owner, func.name, this.#handles.usesResources(func));
    if (bound.kind === "absent") {
      this.#lacks(provider, { owner, func: func.name, ...bound });
      return undefined;
    }
    const { symbol, convention } = bound;
    if (!this.#takeSymbol(provider, symbol, { owner, func })) return undefined;
    return { name: func.name, type: func.type, library: this.#libraryOf(provider), symbol, convention };
  }

  /** False where the symbol is that of another function, which is said. */
  #takeSymbol(provider: Provider, symbol: string, wanted: findings.LabelledFunction): boolean {
    const first = this.#bindOnce(provider, symbol, wanted);
    if (first !== undefined)
      this.#blame(provider, findings.symbolShared(symbol, first, wanted, provider.bundle));
    return first === undefined;
  }

  /** A C symbol has one signature: gives the function that has taken it with another one. */
  #bindOnce(
    provider: Provider,
    symbol: string,
    wanted: findings.LabelledFunction,
  ): findings.LabelledFunction | undefined {
    const bound = this.#bound.get(provider) ?? new Map<string, findings.LabelledFunction>();
    this.#bound.set(provider, bound);
    const first = bound.get(symbol);
    if (first === undefined) bound.set(symbol, wanted);
    return first === undefined || sameFunc(first.func.type, wanted.func.type) ? undefined : first;
  }
}
