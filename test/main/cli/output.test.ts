import { expect, it } from "vitest";
import { Output } from "../../../src/main/cli/output.ts";

const HOSTILE = "a\u001B]0;title\u0007\u009B2J";

function printed(use: (output: Output) => void, env: Readonly<Record<string, string>> = {}): string {
  let text = "";
  const stream = { write: (chunk: string) => (text += chunk) };
  use(new Output({ stdout: stream, stderr: stream, env, cwd: "/" }, false));
  return text;
}

it.each<[string, (output: Output) => void]>([
  ["a line", (output) => output.line(HOSTILE)],
  ["an object", (output) => output.object({ [HOSTILE]: HOSTILE })],
  ["a note", (output) => output.note(HOSTILE)],
  [
    "a warning",
    (output) =>
      output.warning({ message: HOSTILE, lines: [HOSTILE], where: { file: HOSTILE }, help: HOSTILE }),
  ],
  ["an error", (output) => output.error({ code: "TRAP", fault: "guest", message: HOSTILE, help: HOSTILE })],
])("%s never acts on the terminal", (_name, use) => {
  expect(printed(use)).not.toMatch(/[^\P{Cc}\n]/u);
});

it("colours are the command line's own", () => {
  const text = printed((output) => output.warning({ message: HOSTILE, help: HOSTILE }), { FORCE_COLOR: "1" });
  expect(text).toContain("\u001B[1;33mwarning:\u001B[0m a\uFFFD]0;title");
  expect(text.split("\u001B")).toHaveLength(5);
});
