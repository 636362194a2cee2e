/** What a child process starts with: as little as can be before Node keeps compiled code, the rest after it. */
import type { ChildSetup } from "../shared/child-protocol.ts";
import { keepCompiledCode } from "./code-cache.ts";

// Only a supervisor starts this file, with a ChildSetup.
const { codeFolder }: ChildSetup = JSON.parse(process.argv[2] ?? "{}");
if (codeFolder !== undefined) keepCompiledCode(codeFolder);

void import("./child-entry.ts");
