import assert from "node:assert/strict";
import { runChain } from "./chain.ts";
import { allPoints } from "./points.ts";

Deno.test("streams and maintenance that are killed at every point lose no row and double none", async () => {
  const folder = await Deno.makeTempDir();
  const seed = `${Date.now()}`;
  try {
    const report = await runChain({
      folder,
      seed,
      points: allPoints,
      deaths: 1,
      limitSeconds: 900,
    });
    const { lost, doubled, faults, errors, missed } = report;
    assert.deepEqual(
      { lost, doubled, faults, errors, missed },
      { lost: [], doubled: [], faults: [], errors: [], missed: [] },
      `seed ${seed}`,
    );
    assert.ok(
      report.maintenance.some(({ before, after }) => after < before),
      "the lake has not been optimized once",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
