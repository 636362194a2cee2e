import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Workers and the command line run compiled JavaScript: every test run starts from a fresh `dist/`. */
export default function setup(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
}
