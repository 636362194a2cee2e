import { expect, test } from "vitest";
import { childEnvironment } from "../../../src/worker/transport/environment.ts";

test("a child sees what is on the list and what was granted, and nothing else", () => {
  const env = {
    PATH: "/bin",
    Path: "C:\\",
    LANG: "C",
    LC_ALL: "C",
    AWS_SECRET_ACCESS_KEY: "secret",
    NODE_OPTIONS: "--require evil",
    LD_PRELOAD: "evil.so",
    TZ: undefined,
    __proto__x: "1",
  };
  expect(childEnvironment(env, { MY_CONFIG: "x", LANG: "de" })).toEqual({
    PATH: "/bin",
    Path: "C:\\",
    LANG: "de",
    LC_ALL: "C",
    MY_CONFIG: "x",
  });
});
