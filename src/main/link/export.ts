/** Which exported function a caller means. */
import { HostbundleError, type Finding } from "../../shared/errors.ts";
import { nearest } from "../../shared/nearest.ts";
import { printFunc } from "../../shared/wit/print-type.ts";
import type { WitFunction, WorldType } from "../../shared/wit/types.ts";
import { HandleFinder } from "./handles.ts";
import { functionLabel, itemFunctions, namesItem } from "./provider.ts";
import { shortList } from "./short-list.ts";

export interface FoundExport {
  /** The exported interface's extern name; absent for a function of the world itself. */
  readonly interface?: string;
  readonly function: WitFunction;
}

interface Candidate {
  readonly owner: string | undefined;
  readonly func: WitFunction;
}

/**
 * Finds an exported function. `interfaceId` may leave out the version, and be left out itself where one
 * function of that name is exported. Throws ARGUMENT_INVALID with the exports that there are.
 */
export function findExport(world: WorldType, interfaceId: string | undefined, name: string): FoundExport {
  const all = world.exports.flatMap(itemFunctions);
  const named = all.filter(({ func }) => func.name === name);
  const found = interfaceId === undefined ? withoutInterface(named) : inInterface(named, interfaceId);
  const [match] = found;
  if (match === undefined) throw notExported(functionLabel(interfaceId, name), all);
  if (found.length > 1) {
    throw new HostbundleError(
      "ARGUMENT_INVALID",
      `${functionLabel(interfaceId, name)} is exported more than once`,
      {
        findings: [{ message: "say which one is meant:", lines: shortList(found, label) }],
      },
    );
  }
  if (new HandleFinder().usesResources(match.func)) {
    throw new HostbundleError(
      "ARGUMENT_INVALID",
      `${label(match)} deals in resources and cannot be called from outside`,
      {
        findings: [{ message: signature(match) }],
      },
    );
  }
  const { owner, func } = match;
  return { ...(owner === undefined ? {} : { interface: owner }), function: func };
}

/** A function of the world goes before functions of interfaces. */
function withoutInterface(named: readonly Candidate[]): readonly Candidate[] {
  const ofWorld = named.filter(({ owner }) => owner === undefined);
  return ofWorld.length > 0 ? ofWorld : named;
}

function inInterface(named: readonly Candidate[], interfaceId: string): readonly Candidate[] {
  const exact = named.filter(({ owner }) => owner === interfaceId);
  if (exact.length > 0) return exact;
  return named.filter(({ owner }) => owner !== undefined && namesItem(interfaceId, owner));
}

function notExported(wanted: string, all: readonly Candidate[]): HostbundleError {
  const labels = new Set(all.flatMap((candidate) => [label(candidate), candidate.func.name]));
  const near = nearest(wanted, labels);
  const listing: Finding =
    all.length === 0
      ? { message: "it exports no functions" }
      : { message: "it exports:", lines: shortList(all, signature) };
  return new HostbundleError("ARGUMENT_INVALID", `the component does not export ${wanted}`, {
    findings: [listing],
    ...(near === undefined ? {} : { help: `did you mean ${near}?` }),
  });
}

function label({ owner, func }: Candidate): string {
  return functionLabel(owner, func.name);
}

function signature({ owner, func }: Candidate): string {
  return printFunc(functionLabel(owner, func.name), func.type);
}
