import assert from "node:assert/strict";
import { checkDeno, isAtLeast } from "../../scripts/setup/versions.ts";

Deno.test("isAtLeast() compares numbers, not text", () => {
  assert.equal(isAtLeast("20.9.0", "20.19.0"), false);
  assert.equal(isAtLeast("20.19.0", "20.19.0"), true);
  assert.equal(isAtLeast("22.1.0", "20.19.0"), true);
  assert.equal(isAtLeast("3.9.20", "3.10.0"), false);
  assert.equal(isAtLeast("2.9.6-rc.1+abc", "2.9.6"), true);
});

Deno.test("checkDeno() says how to get a Deno that is new enough", () => {
  assert.throws(() => checkDeno("2.9.4"), /2\.9\.6 or newer is needed, but this is Deno 2\.9\.4/);
  checkDeno();
});
