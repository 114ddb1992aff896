import { main, UsageError } from "./command/command.ts";
import { parameters } from "../lib/settings.ts";
import { ensureMlflowServer, findMlflowServer, stopMlflowServer } from "../lib/mlflow/server.ts";
import type { MlflowServer } from "../lib/mlflow/server.ts";

await main({
  name: "mlflow",
  summary: "Finds or starts the project's MLflow server, and prints the address of its page.\n" +
    "It goes on running until it is stopped; its data is in output/mlflow (BIRDSONG_MLFLOW).",
  options: {
    stop: { help: "stop the server; its data stays" },
    status: { help: "say whether it runs, without starting it" },
    json: { help: 'print {"running", "uri", "folder", "pid"} for programs' },
  },
  async run({ switches }) {
    const { mlflow: folder, mlflowPort: port, mlflowUri: uri } = parameters();
    const [stop, status, json] = ["stop", "status", "json"].map((name) => switches.has(name));
    if (stop && status) throw new UsageError("--stop and --status exclude each other");
    if (stop) {
      const stopped = await stopMlflowServer(folder);
      if (json) printJson(null);
      else console.log(stopped ? "Stopped the MLflow server." : "There was no MLflow server.");
      return;
    }
    const server = status && !uri
      ? await findMlflowServer(folder)
      : await ensureMlflowServer({ folder, port, uri, onProgress: console.error });
    if (json) printJson(server);
    else if (!server) console.log("The MLflow server does not run. Start it: deno task mlflow");
    else console.log(server.uri);
  },
});

function printJson(server: MlflowServer | null): void {
  const { uri = null, folder = null, pid = null } = server ?? {};
  console.log(JSON.stringify({ running: server !== null, uri, folder, pid }));
}
