import assert from "node:assert/strict";
import process from "node:process";
import { installError } from "../../scripts/setup/install_error.ts";
import { run } from "../../scripts/setup/run.ts";

Deno.test("run() gives exit code and output, also of a program that is not there", async () => {
  const program = "console.log('out'); console.error('err'); Deno.exit(3)";
  const ended = await run(process.execPath, ["eval", program]);
  assert.equal(ended.code, 3);
  assert.match(ended.output, /out/);
  assert.match(ended.output, /err/);
  assert.equal((await run("no-such-program-anywhere", [])).code, 127);
});

Deno.test("installError() tells an unreachable registry from other failures", () => {
  const npm = { code: 1, output: "npm error code ENOTFOUND\nnpm error network ...\n    at stack" };
  assert.match(installError("npm", npm).message, /^npm could not reach its package registry\./);
  assert.doesNotMatch(installError("npm", npm).message, /stack/);
  const other = { code: 1, output: "line\n".repeat(50) + "npm error EUSAGE" };
  assert.match(installError("npm", other).message, /^npm failed\..*EUSAGE$/s);
  assert.ok(installError("npm", other).message.split("\n").length < 20);
});
