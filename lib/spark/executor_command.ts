import { Buffer } from "node:buffer";
import { sparkLiteral } from "./sql.ts";

/** What a process on an executor is told to do. */
export type ExecutorTask =
  /** Parse the files of a source, whose bytes it gets. */
  | { task: "read"; folder: string; columns: string[] }
  /** Score texts with the model of a folder. */
  | { task: "score"; model: string };

/**
 * The command that starts such a process, as a SQL literal for `TRANSFORM ... USING`.
 *
 * @param project Where this project is on the executors.
 */
export function executorCommand(project: string, task: ExecutorTask): string {
  const argument = Buffer.from(JSON.stringify(task)).toString("base64");
  const deno = `node_modules/.bin/deno run -A lib/spark/executor.ts ${argument}`;
  return sparkLiteral(`cd ${shellWord(project)} && exec ${deno}`);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
