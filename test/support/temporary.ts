import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A fresh folder that is removed when the test file ends. Absolute, symlinks resolved. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hostbundle-test-")));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
