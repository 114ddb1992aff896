import process from "node:process";
import { inspect } from "node:util";
import { currentKernel } from "./kernel.ts";

// Deno's kernel says nothing when a promise fails that nobody waits for: the cell stays green, and
// what it was to do is not done. tslab prints this very line.
if (currentKernel() === "deno") {
  process.on("unhandledRejection", (reason) => {
    console.error(`UnhandledPromiseRejection: ${inspect(reason)}`);
  });
}
