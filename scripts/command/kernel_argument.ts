import type { Kernel } from "../../lib/notebook/kernel.ts";
import { UsageError } from "./command.ts";

/** A notebook kernel given on the command line; Deno's where none is. */
export function kernelArgument(name = "deno"): Kernel {
  if (name === "deno" || name === "tslab") return name;
  throw new UsageError(`--kernel must be deno or tslab, but is "${name}"`);
}
