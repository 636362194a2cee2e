import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadWit } from "../../../src/main/wit/load.ts";
import { classify } from "../../../src/worker/abi/c-signature.ts";
import { temporaryFolder } from "../../support/temporary.ts";

// What `wit-bindgen c` 0.63 declares for this WIT: `maybe` is `uint32_t *maybe_x`, `pointer` is `…_option_u32_t *x`.
const WIT = `package a:b;
interface types { type m = option<u32>; type n = m; }
interface i {
  use types.{m};
  use types.{n as o};
  type local = option<u32>;
  type other = option<u32>;
  type again = local;
  direct: func(x: option<u32>);
  named: func(x: local);
  named-too: func(x: other);
  renamed: func(x: again);
  used: func(x: m);
  used-renamed: func(x: o);
  inside: func(x: tuple<m>);
  gives: func() -> m;
}
world w { import i; use types.{m as mm}; type here = option<u32>; import f: func(x: mm); import g: func(x: here); }
`;

test("an option parameter is a pointer to its struct where the type is a name of a named option", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "a.wit"), WIT);
  const { world } = await loadWit(join(folder, "a.wit"), { cacheFolder: folder });
  const functions = world.imports.flatMap((item) =>
    item.kind === "function" ? [item.function] : item.interface.functions,
  );
  const kinds = functions.map(({ name, type }) => {
    const { params, result } = classify(type);
    return [name, params[0]?.kind ?? result.kind];
  });
  expect(Object.fromEntries(kinds)).toEqual({
    direct: "maybe",
    named: "maybe",
    "named-too": "maybe",
    renamed: "pointer",
    used: "pointer",
    "used-renamed": "pointer",
    inside: "pointer",
    gives: "option",
    f: "pointer",
    g: "maybe",
  });
});
