/** Runs the directives of a script, each to its own result. */
import { fromForeign } from "../../../src/worker/outcome.ts";
import { createHost } from "./host.ts";
import { ScriptInstance } from "./instance.ts";
import { prepareComponent, type PreparedComponent } from "./prepare.ts";
import type { Provided } from "./provider.ts";
import { Refused } from "./refused.ts";
import { parseScript, type Action, type ComponentText, type Directive } from "./script.ts";
import { isExpectedTrap } from "./traps.ts";
import { printValue, sameValue, valueOfConstant } from "./values.ts";

export type CaseResult =
  | { readonly status: "passed" }
  | { readonly status: "failed"; readonly why: string }
  /** The component that it is about is missing: the directive of that line failed. */
  | { readonly status: "blocked"; readonly by: number };

export interface ScriptCase {
  readonly line: number;
  readonly directive: Directive;
  readonly result: CaseResult;
}

/** A directive that does not do what the script says. */
class CaseFailure extends Error {}

/** The component or instance of an earlier directive is missing, because that failed. */
class Blocked extends Error {
  readonly by: number;

  constructor(by: number) {
    super(`the directive of line ${by} failed`);
    this.by = by;
  }
}

/** @throws {ScriptFault} for text that is no script */
export async function runScript(text: string): Promise<readonly ScriptCase[]> {
  const run = new ScriptRun();
  const cases: ScriptCase[] = [];
  for (const directive of parseScript(text)) {
    cases.push({ line: directive.line, directive, result: await run.result(directive) });
  }
  return cases;
}

/** What a failed directive leaves: its line. */
type Made<Thing> = Thing | { readonly failedAt: number };

class ScriptRun {
  readonly #providers = new Map<string, Provided>(createHost());
  readonly #definitions = new Map<string | undefined, Made<PreparedComponent>>();
  readonly #instances = new Map<string, Made<ScriptInstance>>();
  #current: Made<ScriptInstance> | undefined;

  async result(directive: Directive): Promise<CaseResult> {
    try {
      await this.#run(directive);
      return { status: "passed" };
    } catch (error) {
      if (error instanceof Blocked) return { status: "blocked", by: error.by };
      return { status: "failed", why: explain(error) };
    }
  }

  async #run(directive: Directive): Promise<void> {
    switch (directive.kind) {
      case "component":
        return this.#instantiate(directive, () => prepareComponent(directive.component));
      case "definition":
        return this.#define(directive);
      case "instance":
        return this.#instantiate(directive, () =>
          Promise.resolve(present(this.#definitions.get(directive.definition))),
        );
      case "register": {
        this.#providers.set(directive.name, this.#instance(directive.instance).provided);
        return;
      }
      case "invoke": {
        const { instance, function: name, args } = directive.invocation;
        this.#instance(instance).call(name, args);
        return;
      }
      case "assert_return":
        return this.#assertReturn(directive);
      case "assert_trap":
        return this.#assertTrap(directive);
      case "assert_exception":
        // What escapes a lifted function is a trap, whatever was thrown inside.
        return this.#assertTrap({ action: directive.action, message: "" });
      case "assert_invalid":
      case "assert_malformed":
        return assertInvalid(directive);
      case "assert_unlinkable":
        return this.#assertUnlinkable(directive.component);
      case "unsupported":
        throw new CaseFailure(`no directive of components: ${directive.name}`);
    }
  }

  async #define({ id, line, component }: Extract<Directive, { kind: "definition" }>): Promise<void> {
    this.#definitions.set(id, { failedAt: line });
    this.#definitions.set(id, await prepareComponent(component));
  }

  async #instantiate(
    { id, line }: { readonly id?: string; readonly line: number },
    prepare: () => Promise<PreparedComponent>,
  ): Promise<void> {
    const keep = (instance: Made<ScriptInstance>): void => {
      this.#current = instance;
      if (id !== undefined) this.#instances.set(id, instance);
    };
    keep({ failedAt: line });
    const prepared = await prepare();
    const instance = new ScriptInstance(prepared, this.#providers);
    keep(instance);
    if (id === undefined) return;
    // As in wasmtime's scripts: a named instance can be imported by its name.
    this.#definitions.set(id, prepared);
    this.#providers.set(id.slice(1), instance.provided);
  }

  #instance(id: string | undefined): ScriptInstance {
    return present(id === undefined ? this.#current : this.#instances.get(id));
  }

  #assertReturn({ invocation, results }: Extract<Directive, { kind: "assert_return" }>): void {
    const instance = this.#instance(invocation.instance);
    const { result: type } = instance.typeOf(invocation.function);
    const [expected, ...more] = results;
    if (more.length > 0 || (expected === undefined) !== (type === undefined))
      throw new CaseFailure(`the script has ${results.length} results, the function ${type?.kind ?? "none"}`);
    const actual = instance.call(invocation.function, invocation.args);
    if (expected === undefined || type === undefined) return;
    const value = valueOfConstant(expected, type);
    if (!sameValue(value, actual))
      throw new CaseFailure(`expected ${printValue(value)}, got ${printValue(actual)}`);
  }

  async #assertTrap({
    action,
    message,
  }: {
    readonly action: Action;
    readonly message: string;
  }): Promise<void> {
    const outcome = await this.#attempt(action);
    if (outcome.kind === "returned")
      throw new CaseFailure(`expected a trap (${message}), got ${printValue(outcome.value)}`);
    const { error } = outcome;
    if (error instanceof Refused || error instanceof Blocked) throw error;
    const failure = fromForeign(error, "");
    if (failure.code !== "TRAP") throw error;
    if (!isExpectedTrap(message, failure.message))
      throw new CaseFailure(`expected the trap "${message}", got "${failure.message}"`);
  }

  async #attempt(
    action: Action,
  ): Promise<{ kind: "returned"; value: unknown } | { kind: "threw"; error: unknown }> {
    try {
      if (action.kind === "invoke") {
        const { instance, function: name, args } = action.invocation;
        return { kind: "returned", value: this.#instance(instance).call(name, args) };
      }
      const made = new ScriptInstance(await prepareComponent(action.component), this.#providers);
      return { kind: "returned", value: made };
    } catch (error) {
      return { kind: "threw", error };
    }
  }

  async #assertUnlinkable(component: ComponentText): Promise<void> {
    const prepared = await prepareComponent(component);
    try {
      // Made for its checks only.
      // oxlint-disable-next-line eslint/no-new
      new ScriptInstance(prepared, this.#providers);
    } catch (error) {
      if (error instanceof Refused) return;
      throw error;
    }
    throw new CaseFailure("linked, although its imports do not fit");
  }
}

async function assertInvalid({
  component,
  message,
}: {
  readonly component: ComponentText;
  readonly message: string;
}): Promise<void> {
  try {
    await prepareComponent(component);
  } catch (error) {
    if (error instanceof Refused && error.by !== "planner" && error.by !== "model") return;
    throw error;
  }
  throw new CaseFailure(`accepted, although ${message}`);
}

function present<Thing extends object>(made: Made<Thing> | undefined): Thing {
  if (made === undefined) throw new CaseFailure("there is no such component or instance");
  if ("failedAt" in made) throw new Blocked(made.failedAt);
  return made;
}

function explain(error: unknown): string {
  if (error instanceof Error)
    return error instanceof CaseFailure ? error.message : `${error.name}: ${error.message}`;
  return String(error);
}
