/** wit-bindgen's scenarios of resources, served by libraries: what guests see, and what becomes of the reps. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compiler } from "../../support/native.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { buildGuest } from "./guest.ts";
import { Stage } from "./harness.ts";
import * as ofCalls from "./scenarios-of-calls.ts";
import * as ofTypes from "./scenarios-of-types.ts";

const folder = temporaryFolder();

describe.skipIf(!compiler.available)(`scenarios ${compiler.reason}`, () => {
  it.each([...Object.values(ofCalls), ...Object.values(ofTypes)])(
    "$name",
    async ({ name, wit, c, wat, numbers, texts, made, consumed }) => {
      await using stage = await Stage.open(join(folder, name), { wit, c });
      const component = await stage.load("guest", await buildGuest({ wit, world: "guest", wat }));
      // Twice: nothing of the first run is left to the second.
      for (let round = 0; round < 2; round += 1) {
        const { outcome, census } = await stage.run(component, { export: "run" });
        expect(outcome).toMatchObject({ status: "ok", value: [numbers, texts] });
        expect(census).toEqual({ made, consumed, dropped: made - consumed, violations: 0, calls: 0 });
      }
    },
  );
});
