import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { projectPath } from "../../lib/paths.ts";
import { environmentProgram, projectEnvironment } from "../../lib/python_environment.ts";
import { prepareText } from "../../lib/sentiment/prepare.ts";
import { cleanText } from "../../lib/tweets/mentions.ts";

// Training reads the same file: the model meets texts as it met them when it learned.
const vectors: { name: string; text: string; cleaned: string; prepared: string }[] = readFileSync(
  projectPath("tests/sentiment/fixtures/prepare_vectors.jsonl"),
  "utf8",
).trim().split("\n").map((line) => JSON.parse(line));

for (const { name, text, cleaned, prepared } of vectors) {
  Deno.test(`before the model sees a text: ${name}`, () => {
    assert.equal(prepareText(text), prepared);
    assert.equal(cleanText(text), cleaned);
  });
}

Deno.test("training prepares texts as scoring does", async () => {
  const python = environmentProgram(projectEnvironment, "python");
  const { success, stderr } = await new Deno.Command(python, {
    args: ["-B", projectPath("scripts/train/test_prepare.py")],
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});
