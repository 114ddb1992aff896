import { type Arguments, integerArgument, main, portArgument } from "./command/command.ts";
import { type Cluster, findCluster, startCluster, stopCluster } from "./spark/cluster.ts";
import { install } from "./spark/install.ts";
import { findJava } from "./spark/java.ts";
import { sparkFolder } from "./spark/versions.ts";

const defaultPort = 15_002;

await main({
  name: "spark",
  summary:
    "Starts a small Spark 4.1 cluster on this machine, to try the pipeline on it: a master, workers\n" +
    "with one core each and a Connect server, with Delta Lake, about 3 GB of memory in all. It needs\n" +
    "Java 17 or 21. The first start downloads Spark into output/spark. It runs until --stop; its\n" +
    "tables stay.",
  options: {
    stop: { help: "stop the cluster" },
    status: { help: "say whether it runs, without starting it" },
    workers: { value: "N", help: "number of workers (default: 2)" },
    port: { value: "PORT", help: `port of the Connect server (default: ${defaultPort})` },
  },
  run: spark,
});

async function spark({ options, switches }: Arguments): Promise<void> {
  if (switches.has("stop")) {
    const stopped = await stopCluster(sparkFolder);
    console.log(stopped ? "Stopped Spark; its tables stay." : "There was no Spark to stop.");
    return;
  }
  const running = findCluster(sparkFolder);
  if (running) return tell(running);
  if (switches.has("status")) {
    console.log("Spark does not run. Start it: deno task spark");
    return;
  }
  const workers = integerArgument("workers", options.workers ?? "2");
  const port = portArgument(options.port ?? `${defaultPort}`);
  const java = await findJava();
  await install(java, console.error);
  // Of one that died without its server, workers may be left.
  await stopCluster(sparkFolder);
  console.error("Starting Spark (20 to 60 seconds) ...");
  tell(await startCluster({ folder: sparkFolder, java, workers, port }));
}

function tell({ address, ui, masterUi }: Cluster): void {
  console.log(
    `Spark Connect: ${address}\nIts page:      ${ui}\nThe master's:  ${masterUi}\n` +
      `Use it with:   BIRDSONG_ENGINE=${address}`,
  );
}
