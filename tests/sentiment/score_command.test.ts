import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../../lib/paths.ts";

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

// Runs the command in a folder that holds `in.jsonl` with this content.
async function score(
  content: string | Uint8Array<ArrayBuffer>,
  test: (run: (...args: string[]) => Promise<Outcome>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    writeFileSync(join(folder, "in.jsonl"), bytes);
    await test(async (...args) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", projectPath("scripts/score.ts"), ...args],
        cwd: folder,
        env: {
          INIT_CWD: folder,
          BIRDSONG_PROVIDER: "cpu",
          BIRDSONG_MODEL: "",
          BIRDSONG_SCORE_CACHE: "false",
        },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(bytes).then(() => writer.close()).catch(() => {}); // it may not read
      const { code, stdout, stderr } = await child.output();
      const text = (output: Uint8Array) => new TextDecoder().decode(output);
      return { code, stdout: text(stdout), stderr: text(stderr) };
    }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const hostile = [
  '{"id":1467810369123456789123,"text":"I love this so much, best day ever!","x":1.0}',
  "",
  '  {"text":"@ann @bob","e":[1e400,-0,{"deep":12345678901234567890}]}\r',
  '{"text":"worst service I have ever had\u2028<script>","label":"old","__proto__":{"a":"b"}}',
  '{"text":"half \\ud800 a pair \\u0000","none":null}',
  `{"text":${JSON.stringify("word \"'\\ ".repeat(10_000))}}`,
  " \t",
  '{"text":""}',
];

Deno.test("every line comes back in order, with its other fields as they were and a sentiment", async () => {
  await score(hostile.join("\n"), async (run, folder) => {
    const { code, stderr } = await run("--in", "in.jsonl", "--out", "out.jsonl");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^6 lines in /m);
    assert.deepEqual(readdirSync(folder).sort(), ["in.jsonl", "out.jsonl"]);

    const lines = readFileSync(join(folder, "out.jsonl"), "utf8").split("\n");
    assert.equal(lines.pop(), "");
    assert.ok(lines[0].startsWith('{"id":1467810369123456789123,"text":'), lines[0]);
    assert.ok(lines[0].includes('"x":1.0,"label":"positive","score":0.'), lines[0]);
    assert.ok(lines[1].includes('"e":[1e400,-0,{"deep":12345678901234567890}]'), lines[1]);
    assert.ok(lines[2].includes('"__proto__":{"a":"b"}'), lines[2]);

    const inputs = hostile.filter((line) => line.trim() !== "").map((line) => JSON.parse(line));
    const outputs = lines.map((line) => JSON.parse(line));
    assert.deepEqual(outputs.map(({ text }) => text), inputs.map(({ text }) => text));
    const labels = outputs.map(({ label }) => label);
    assert.deepEqual(labels.slice(0, 3), ["positive", "neutral", "negative"]);
    assert.equal(labels[5], "neutral");
    for (const { score, negative, neutral, positive } of outputs) {
      assert.equal(score, Math.max(negative, neutral, positive));
      assert.ok(Math.abs(negative + neutral + positive - 1) < 1e-9);
    }
    assert.equal(outputs[1].score, 1); // nothing is left without its mentions
  });
});

Deno.test("- reads standard input and writes standard output", async () => {
  await score('\ufeff{"text":"so happy, I love it"}\n', async (run) => {
    const { code, stdout } = await run("--in", "-", "--out", "-");
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).label, "positive");
  });
});

const faulty: [string, string | Uint8Array<ArrayBuffer>, RegExp][] = [
  ["no JSON", '{"text":"a"}\n\n{"text":', /in\.jsonl, line 3: /],
  ["no object", '{"text":"a"}\n[{"text":"a"}]\n', /in\.jsonl, line 2: is no JSON object/],
  ["no text", '{"text":"a"}\n{"txt":"a"}\n', /in\.jsonl, line 2: has no string "text"/],
  ["a text that is a number", '{"text":5}', /in\.jsonl, line 1: has no string "text"/],
  ["no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), /in\.jsonl: .*no UTF-8/],
];

for (const [what, content, message] of faulty) {
  Deno.test(`a line with ${what} is an error that says where; nothing is written`, async () => {
    await score(content, async (run, folder) => {
      writeFileSync(join(folder, "out.jsonl"), "from before");
      const { code, stderr } = await run("--in", "in.jsonl", "--out", "out.jsonl");
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.deepEqual(readdirSync(folder).sort(), ["in.jsonl", "out.jsonl"]);
      assert.equal(readFileSync(join(folder, "out.jsonl"), "utf8"), "from before");
    });
  });
}

Deno.test("files that cannot be read or written, and a model that is not there, are named", async () => {
  await score('{"text":"a"}', async (run, folder) => {
    const cases: [string[], number, RegExp][] = [
      [["--in", "none.jsonl", "--out", "out.jsonl"], 1, /none\.jsonl/],
      [["--in", "in.jsonl", "--out", "no/out.jsonl"], 1, /cannot write .*no\/out\.jsonl/],
      [["--in", "in.jsonl", "--out", "o", "--model", "none"], 1, /no model folder .*none/],
      [["--in", "in.jsonl", "--out", "o", "--provider", "cuda"], 1, /cuda cannot be used/],
      [["--in", "in.jsonl", "--out", "o", "--provider", "gpu"], 2, /--provider must be one of/],
      [["--in", "in.jsonl"], 2, /--out FILE is required/],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await run(...args);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.deepEqual(readdirSync(folder), ["in.jsonl"]);
    }
  });
});

Deno.test({
  name: "a full disk is told without a stack",
  ignore: Deno.build.os !== "linux", // which has a file that behaves like one
  async fn() {
    await score('{"text":"what a lovely day"}', async (run) => {
      const { code, stderr } = await run("--in", "in.jsonl", "--out", "/dev/full");
      assert.equal(code, 1);
      assert.match(stderr, /score: cannot write \/dev\/full: .*[Nn]o space left on device/);
      assert.doesNotMatch(stderr, /\n +at /);
    });
  },
});
