import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { projectPath, projectRoot } from "../../lib/paths.ts";
import { executorCommand, type ExecutorTask } from "../../lib/spark/executor_command.ts";

/** Runs a command as Spark does: in a shell, with the rows on its standard input. */
async function run(
  task: ExecutorTask,
  input: string,
): Promise<{ code: number; lines: string[]; errors: string }> {
  const literal = executorCommand(projectRoot, task);
  const command = literal.slice(1, -1).replace(/\\(.)/g, "$1");
  const child = spawn("/bin/bash", ["-c", command], { stdio: ["pipe", "pipe", "pipe"] });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, lines: output.split("\n").slice(0, -1), errors };
}

const base64 = (data: string | Uint8Array) => Buffer.from(data).toString("base64");

Deno.test("files become records, each with its place, whatever their lines hold", async () => {
  const files = [
    ["file:/in put/a.json", '{"text":"tab\\t","n":1}\nno json\n'],
    ["/in put/2009/b.json.gz", gzipSync('{"text":"\u2028 \\ud83d"}\n')],
    ["/in put/_x/c.json", '{"text":"hidden"}\n'],
  ].map(([path, content]) => `${base64(path)}\t${base64(content)}\n`);
  const task = { task: "read" as const, folder: "/in put", columns: ["text"] };
  const { code, lines, errors } = await run(task, files.join(""));
  assert.deepEqual([code, errors], [0, ""]);
  const place = (file: string, line: number) => ({ file_path: `/in put/${file}`, file, line });
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [
    {
      text: "tab\t",
      _rescued_data: '{"n":1}',
      _corrupt_record: null,
      _metadata: place("a.json", 1),
    },
    { text: null, _rescued_data: null, _corrupt_record: "no json", _metadata: place("a.json", 2) },
    {
      text: "\u2028 \ufffd",
      _rescued_data: '{"text":"\u2028 \\\\ud83d"}',
      _corrupt_record: null,
      _metadata: place("2009/b.json.gz", 1),
    },
  ]);
});

Deno.test("a file that cannot be unpacked fails the task, and the error names it", async () => {
  const task = { task: "read" as const, folder: "/in", columns: ["text"] };
  const { code, errors } = await run(
    task,
    `${base64("/in/broken.json.gz")}\t${base64("no gzip")}\n`,
  );
  assert.equal(code, 1);
  assert.match(errors, /cannot read \/in\/broken\.json\.gz/);
});

Deno.test("rows get scores, and keep what they came with as it was", async () => {
  const texts = ["I love it", "worst day ever", "I love it", "<b>\u2028\\N"];
  const rows = texts.map((text, index) => `{"row":${index}}\t${JSON.stringify({ text })}\n`);
  const { code, lines, errors } = await run(
    { task: "score", model: projectPath("data/model") },
    rows.join(""),
  );
  assert.deepEqual([code, errors], [0, ""]);
  const fields = lines.map((line) => line.split("\t"));
  assert.deepEqual(fields.map(([row]) => row), texts.map((_, index) => `{"row":${index}}`));
  assert.deepEqual(fields.slice(0, 3).map(([, label]) => label), [
    "positive",
    "negative",
    "positive",
  ]);
  assert(
    fields.every(([, , score, error]) =>
      Number(score) > 33 && Number(score) <= 100 && error === "\\N"
    ),
  );
});

Deno.test("a model that is not there fails the task, and the error says so", async () => {
  const { code, errors } = await run(
    { task: "score", model: "/no/such/model" },
    '{}\t{"text":"hello"}\n',
  );
  assert.equal(code, 1);
  assert.match(errors, /\/no\/such\/model/);
});

Deno.test("a folder with quotes is a word of the shell", () => {
  const literal = executorCommand("/it's a\\folder", { task: "score", model: "m" });
  assert.match(literal, /^'cd \\'\/it\\'\\\\\\'\\'s a\\\\folder\\' && exec /);
});
