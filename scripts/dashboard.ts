import process from "node:process";
import { exportDashboard } from "../lib/dashboard/export.ts";
import { DashboardServer } from "../lib/dashboard/server.ts";
import { Lakehouse } from "../lib/lakehouse/lakehouse.ts";
import { type Command, main, pathArgument, portArgument, UsageError } from "./command/command.ts";
import { lakeArgument } from "./command/lake_argument.ts";

const command: Command = {
  name: "dashboard",
  summary:
    "Serves a page on this machine with the tweets' counters and charts and the streams' state,\n" +
    "which changes as the tables do, and prints its address. Ctrl-C ends it. It only reads: any\n" +
    "notebook or stream may write meanwhile.",
  options: {
    lake: { value: "DIR", help: "folder of the tables (BIRDSONG_LAKE)" },
    port: { value: "N", help: "port on 127.0.0.1 (default: one that is free)" },
    export: {
      value: "FILE.html",
      help: "instead, write the page as it is now to one file that needs no network",
    },
  },
  async run({ options }) {
    const lake = lakeArgument("dashboard", options.lake);
    if (options.export !== undefined) {
      if (options.port !== undefined) {
        throw new UsageError("--export and --port exclude each other");
      }
      return await writeFile(lake, pathArgument(options.export));
    }
    const port = options.port === undefined ? undefined : portArgument(options.port);
    const dashboard = await DashboardServer.start({ lake, port });
    console.log(dashboard.url);
    await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
    await dashboard.close();
  },
};

async function writeFile(folder: string, file: string): Promise<void> {
  const lake = await Lakehouse.open(folder, { readOnly: true });
  try {
    console.log((await exportDashboard(lake, file)).file);
  } finally {
    lake.close();
  }
}

if (import.meta.main) await main(command);
