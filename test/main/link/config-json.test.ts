import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "smol-toml";
import { configJson } from "../../../src/main/link/config-json.ts";

describe("config as JSON", () => {
  test.each([
    ["", "{}"],
    ['a = "x\\"y"', '{"a":"x\\"y"}'],
    ["a = 1.5\nb = true\nc = -0.0", '{"a":1.5,"b":true,"c":0}'],
    ["a = 1979-05-27T07:32:00Z", '{"a":"1979-05-27T07:32:00.000Z"}'],
    ["a = 1979-05-27T07:32:00", '{"a":"1979-05-27T07:32:00.000"}'],
    ["a = 1979-05-27", '{"a":"1979-05-27"}'],
    ["a = 07:32:00", '{"a":"07:32:00.000"}'],
    ["a = 9223372036854775807", '{"a":9223372036854775807}'],
    ["a = nan\nb = inf\nc = -inf", '{"a":"nan","b":"inf","c":"-inf"}'],
    ["a = [[1], [], [{ b = 2 }]]", '{"a":[[1],[],[{"b":2}]]}'],
    ['"__proto__" = 1\nconstructor = 2', '{"__proto__":1,"constructor":2}'],
  ])("%s", (toml, json) => {
    expect(configJson(parse(toml, { integersAsBigInt: "asNeeded" }))).toBe(json);
  });

  test("is what JSON.stringify gives for what JSON has", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(configJson(value)).toBe(JSON.stringify(value));
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
