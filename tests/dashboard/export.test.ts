import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exportDashboard } from "../../lib/dashboard/export.ts";
import { withLake } from "../lakehouse/with_lake.ts";

Deno.test("exports to one file at once leave one whole file, and nothing beside it", async () => {
  await withLake(async (lake) => {
    const folder = join(lake.folder, "pages");
    const file = join(folder, "page.html");
    const exports = await Promise.all([1, 2, 3].map(() => exportDashboard(lake, file)));
    assert.deepEqual(exports.map((one) => one.file), [file, file, file]);
    assert.match(readFileSync(file, "utf8"), /^<!DOCTYPE html>[^]*<\/html>\n$/);
    assert.deepEqual(readdirSync(folder), ["page.html"]);
  });
});

Deno.test("where no file is named, a lake's page stands in its folder", async () => {
  await withLake(async (lake) => {
    const { file } = await exportDashboard(lake);
    assert.equal(file, join(lake.folder, "dashboard.html"));
    assert.ok(readdirSync(lake.folder).includes("dashboard.html"));
  });
});
