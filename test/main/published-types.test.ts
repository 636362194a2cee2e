/** The types that are published, as a program in TypeScript sees them that has no browser's types and checks its libraries'. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

const PROGRAM = `
import { createHost } from "hostbundle";
const host = await createHost({ bundles: [], limits: { timeoutMs: 1000 } });
const component = await host.load("app.wasm");
const outcome = await host.run(component, { export: "run", args: ["World"], signal: AbortSignal.timeout(10) });
if (outcome.status === "ok") console.log(outcome.value);
else console.error(outcome.error.code, outcome.error.message);
const session = await host.open(component, { idleTimeoutMs: 1000 });
console.log(await session.call("run", "World"));
await session.close();
// @ts-expect-error
await host.run(component, { exprot: "run" });
await host.close();
`;

test("fit a program that uses them", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "hostbundle"));
  symlinkSync(join(root, "node_modules", "@types"), join(folder, "node_modules", "@types"));
  writeFileSync(join(folder, "program.mts"), PROGRAM);
  const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--types", "node"];
  const target = ["--target", "es2023", "--lib", "es2023,esnext.disposable", "--module", "nodenext"];
  let said = "";
  try {
    execFileSync(process.execPath, [tsc, ...options, ...target, "program.mts"], {
      cwd: folder,
      encoding: "utf8",
    });
  } catch (error) {
    // tsc prints what is wrong to its standard output.
    said = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
  }
  expect(said).toBe("");
});
