/**
 * A process on an executor: Spark writes rows to its standard input, one a line, and reads
 * rows from its standard output (`SELECT TRANSFORM(...) USING ...`). Where it ends with an error,
 * Spark's task fails with what it wrote to standard error, and is tried again elsewhere.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import process from "node:process";
import { messageOf } from "../errors.ts";
import { readFiles } from "./executor_read.ts";
import { scoreTexts } from "./executor_score.ts";
import type { ExecutorTask } from "./executor_command.ts";

main().catch((error) => process.stderr.write(`${messageOf(error)}\n`, () => process.exit(1)));

async function main(): Promise<void> {
  const task: ExecutorTask = JSON.parse(Buffer.from(process.argv[2], "base64").toString());
  const answers = task.task === "read"
    ? readFiles(lines(), task.folder, task.columns)
    : scoreTexts(lines(), task.model);
  for await (const answer of answers) {
    if (!process.stdout.write(answer + "\n")) await once(process.stdout, "drain");
  }
}

/** Lines of standard input; node:readline would break them at U+2028, too. */
async function* lines(): AsyncGenerator<string> {
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const parts = (text as string).split("\n");
    parts[0] = rest + parts[0];
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
}
