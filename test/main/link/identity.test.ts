/** Two imports that implement one interface have a resource each: it counts which of them a function takes. */
import { describe, expect, test } from "vitest";
import { linkComponent } from "../../../src/main/link/link.ts";
import type { LinkPlan } from "../../../src/shared/protocol.ts";
import type { ResourceType, WorldItem } from "../../../src/shared/wit/types.ts";
import { bundle, component, func, iface } from "./worlds.ts";

const STORE = "acme:kv/store";
const resource = (): ResourceType => ({ interface: STORE, name: "item" });

function store(name: string, item: ResourceType): WorldItem {
  const functions = [func("[constructor]item", { params: [], result: { kind: "own", resource: item } })];
  const of = { functions, resources: [item], types: [] };
  return { kind: "interface", name, ...(name === STORE ? {} : { implements: STORE }), interface: of };
}

function third(item: ResourceType): WorldItem {
  const params = [{ name: "t", type: { kind: "borrow", resource: item } as const }];
  return iface("acme:kv/third", [func("use", { params })]);
}

/** Bundle `one` serves `primary` and the third interface, bundle `other` serves `secondary`. */
function link(taken: "primary" | "secondary"): LinkPlan {
  const [primary, secondary, provided] = [resource(), resource(), resource()];
  const symbols = ["acme_kv_store_constructor_item", "acme_kv_third_use"];
  const one = bundle([store(STORE, provided), third(provided)], {
    name: "one",
    symbols,
    serves: ["primary", "acme:kv/third"],
  });
  const other = bundle([store(STORE, provided)], { name: "other", symbols, serves: ["secondary"] });
  const used = taken === "primary" ? primary : secondary;
  const world = component([store("primary", primary), store("secondary", secondary), third(used)]);
  return linkComponent({ path: "app.wasm", world, bundles: [one, other] });
}

describe("a function of one bundle", () => {
  test("takes the resource that the bundle serves", () => {
    expect(link("primary").resources.map(({ item }) => item)).toEqual(["primary", "secondary"]);
  });

  test("does not take the one of that interface which another bundle serves", () => {
    expect(() => link("secondary")).toThrow(expect.objectContaining({ code: "LINK_FAILED" }));
  });
});
