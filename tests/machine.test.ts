import assert from "node:assert/strict";
import { describeMachine } from "../lib/machine.ts";

Deno.test("the machine is described in words and in figures that can be", () => {
  const machine = describeMachine();
  assert.equal(machine.runtime, `Deno ${Deno.version.deno}`);
  for (const text of [machine.system, machine.processor]) assert.ok(text.trim().length > 2, text);
  assert.ok(Number.isInteger(machine.cores) && machine.cores >= 1);
  assert.ok(machine.freeMemoryGigabytes > 0);
  assert.ok(machine.memoryGigabytes >= machine.freeMemoryGigabytes);
  const bytes = Deno.systemMemoryInfo().total;
  assert.ok(Math.abs(machine.memoryGigabytes * 1e9 - bytes) < 1e8, "gigabytes, not gibibytes");
});
