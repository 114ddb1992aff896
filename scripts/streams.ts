import { BirdsongError } from "../lib/errors.ts";
import { Lakehouse } from "../lib/lakehouse/lakehouse.ts";
import { toJson } from "../lib/lakehouse/row.ts";
import { listStreams, type StreamInfo } from "../lib/streaming/processes/list_streams.ts";
import { stopStreams } from "../lib/streaming/processes/stop_streams.ts";
import { main } from "./command/command.ts";
import { lakeArgument } from "./command/lake_argument.ts";
import { formatTable, printable } from "./command/table.ts";

await main({
  name: "streams",
  summary:
    "Lists the streams that run on a lake, in whatever notebook or process, with their last\n" +
    "batch, and those that have failed or died and were not started again; or stops them.",
  options: {
    lake: { value: "DIR", help: "folder of the tables (BIRDSONG_LAKE)" },
    stop: { value: "NAME", help: "stop this stream and wait for its end; all stops every one" },
    json: {
      help: "print JSON: the streams with their last progress, or the names of those stopped",
    },
  },
  async run({ options, switches }) {
    const folder = lakeArgument("streams", options.lake);
    const lake = await Lakehouse.open(folder, { readOnly: true });
    try {
      const json = switches.has("json");
      if (options.stop === undefined) {
        const streams = await listStreams(lake);
        console.log(json ? toJson(streams, 2) : streamsAsTable(streams));
      } else {
        const stopped = await stop(lake, options.stop);
        if (json) console.log(toJson(stopped));
        else console.log(stopped.length > 0 ? `stopped: ${stopped.join(", ")}` : "nothing to stop");
      }
    } finally {
      lake.close();
    }
  },
});

async function stop(lake: Lakehouse, name: string): Promise<string[]> {
  if (name === "all") return stopStreams(lake.folder);
  const stopped = await stopStreams(lake.folder, name);
  if (stopped.length > 0) return stopped;
  const streams = await listStreams(lake);
  const found = streams.find((stream) => stream.name === name);
  const running = streams.filter(({ state }) => state === "running").map(({ name }) => name);
  throw new BirdsongError(
    `${printable(name)} is not running${found ? ` but ${found.state}` : ""}: ` +
      (running.length > 0 ? `what runs is ${running.join(", ")}` : "no stream is"),
    { context: { query: name } },
  );
}

function streamsAsTable(streams: StreamInfo[]): string {
  if (streams.length === 0) return "no stream is running";
  return formatTable(
    ["stream", "state", "process", "host", "since", "batch", "rows", "last batch", "error"],
    streams.map(({ name, state, pid, host, startedAt, lastProgress, error }) =>
      [
        name,
        state,
        pid,
        host,
        startedAt,
        lastProgress?.batchId,
        lastProgress?.numInputRows,
        lastProgress?.timestamp,
        error,
      ].map((value) => printable(String(value ?? "-")))
    ),
  );
}
