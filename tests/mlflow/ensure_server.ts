// A process that asks for the server of a folder, as a notebook's kernel does, and ends.
import { ensureMlflowServer } from "../../lib/mlflow/server.ts";

console.log(JSON.stringify(await ensureMlflowServer({ folder: Deno.args[0] })));
