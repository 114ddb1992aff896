import process from "node:process";
import { messageOf } from "../../lib/errors.ts";

/** The main program of a process that a `ProcessKeeper` runs; it ends with its keeper. */
export async function runAsChild<Order>(obey: (order: Order) => Promise<void>): Promise<void> {
  process.stdin.on("end", () => process.exit(0)).resume();
  try {
    await obey(JSON.parse(process.argv[2]));
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}
