import { describe, expect, it } from "vitest";
import { error, library, ok, serve } from "./open.ts";

describe.skipIf(library === undefined)("the small interface (needs @duckdb/node-bindings)", () => {
  it("opens, queries and closes", () => {
    const { runtime, census, end } = serve();
    ok(runtime.open(":memory:"));
    expect(ok(runtime.query("select 1, 'duck', null, [1, 2]"))).toEqual(['[1,"duck",null,[1,2]]']);
    runtime.close();
    runtime.close();
    expect(error(runtime.query("select 1"))).toContain("no database is open");
    end();
    expect(census.live).toBe(0);
    expect(census.opened).toBe(census.closed);
  });
});
