/** Whether a static adapter serves what a bundle's WIT has: each interface by id, or by its shape where its name is plain. */
import type { Finding } from "../../shared/errors.ts";
import { isCompatible, parseExternName } from "../../shared/wit/id.ts";
import { printFunc } from "../../shared/wit/print-type.ts";
import type { WorldItem, WorldType } from "../../shared/wit/types.ts";
import { hasFunctions, type Misfit, misfits } from "./shape.ts";
import { shortList } from "./short-list.ts";

export interface AdapterMatch {
  /** By extern name in the bundle's WIT: the adapter's own name of the interface, or of the function. */
  readonly provided: ReadonlyMap<string, string>;
  /** What the adapter does not have. */
  readonly findings: readonly Pick<Finding, "message" | "lines">[];
}

/** `items`: what the bundle serves. `world`: the adapter's. */
export function matchAdapter(items: Iterable<WorldItem>, world: WorldType): AdapterMatch {
  const own = [...world.imports, ...world.exports];
  const provided = new Map<string, string>();
  const findings: Pick<Finding, "message" | "lines">[] = [];
  for (const item of items) {
    const found =
      own.find((other) => isSameItem(item, other)) ?? bestVersion(item, own) ?? byShape(item, own);
    if (found === undefined) {
      findings.push({
        message: `it does not serve ${item.name}`,
        lines: ["it serves:", ...shortList(own, ({ name }) => `  ${name}`)],
      });
      continue;
    }
    const wrong = misfits(item, found);
    if (wrong.length === 0) provided.set(item.name, found.name);
    else findings.push({ message: `its ${found.name} has other functions`, lines: wrong.flatMap(describe) });
  }
  return { provided, findings };
}

function isSameItem(item: WorldItem, other: WorldItem): boolean {
  return item.kind === other.kind && idOf(item) === other.name;
}

/** The id of an interface that is imported under a plain name. */
function idOf(item: WorldItem): string {
  return item.kind === "interface" ? (item.implements ?? item.name) : item.name;
}

function bestVersion(item: WorldItem, own: readonly WorldItem[]): WorldItem | undefined {
  const id = parseExternName(idOf(item));
  if (id.kind === "plain") return undefined;
  return own.find((other) => {
    const candidate = parseExternName(other.name);
    return (
      candidate.kind === "interface" &&
      candidate.namespace === id.namespace &&
      candidate.package === id.package &&
      candidate.interface === id.interface &&
      isCompatible(id.version, candidate.version)
    );
  });
}

/** A plain name says nothing of what it stands for: the first interface that has all of its functions. */
function byShape(item: WorldItem, own: readonly WorldItem[]): WorldItem | undefined {
  if (item.kind !== "interface" || parseExternName(idOf(item)).kind !== "plain") return undefined;
  return own.find((other) => other.kind === "interface" && hasFunctions(other, item));
}

function describe({ func, offer }: Misfit): readonly string[] {
  if (offer === undefined) return [`lacks         ${printFunc(func.name, func.type)}`];
  return [
    `host bundle   ${printFunc(func.name, func.type)}`,
    `the adapter   ${printFunc(offer.name, offer.type)}`,
  ];
}
