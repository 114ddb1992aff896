import assert from "node:assert/strict";
import { runScript } from "./script.ts";

Deno.test("deno task browser names the notebooks there are when one is not", async () => {
  const { code, stderr } = await runScript("browser", ["03_raw_to_bronze", "77"]);
  assert.equal(code, 2);
  assert.match(stderr, /no notebook 77 .*there are 00, 01/);
});
