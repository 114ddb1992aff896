import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLabelledTexts } from "../../lib/evaluation/labelled_texts.ts";
import { withFolder } from "../lakehouse/with_lake.ts";

async function read(content: string | Uint8Array) {
  let result: unknown;
  await withFolder((folder) => {
    const file = join(folder, "texts.tsv");
    writeFileSync(file, content);
    result = readLabelledTexts(file);
    return Promise.resolve();
  });
  return result;
}

Deno.test("lines are id, label and text; the text keeps its tabs", async () => {
  assert.deepEqual(
    await read("1\tnegative\tso sad\r\n\n2\tPOS\ta\tb \n3\tNeutral\t\u2028<b>\u{1f600}"),
    [
      { id: "1", label: "negative", text: "so sad" },
      { id: "2", label: "positive", text: "a\tb " },
      { id: "3", label: "neutral", text: "\u2028<b>\u{1f600}" },
    ],
  );
});

Deno.test("a first line with names of columns is skipped", async () => {
  for (const header of ["id\tlabel\ttext", "tweet\tSentiment\ttweet"]) {
    assert.deepEqual(await read(`${header}\n1\tneutral\tx\n`), [{
      id: "1",
      label: "neutral",
      text: "x",
    }]);
  }
});

Deno.test("what is none of this is refused with its line", async () => {
  await assert.rejects(
    read("1\tneutral\tx\n2\tangry\tx\n"),
    /texts\.tsv, line 2: .*label is "angry"/,
  );
  await assert.rejects(read("1\tneutral\tx\nid\tlabel\ttext\n"), /line 2/);
  await assert.rejects(read("1\tneutral\n"), /line 1: must be id, label and text/);
  await assert.rejects(read('{"text":"x"}\n'), /line 1/);
  await assert.rejects(read("\n\n"), /holds no labelled text/);
  await assert.rejects(read(Uint8Array.of(49, 9, 0xff)), /cannot read .*texts\.tsv/);
  assert.throws(() => readLabelledTexts("/no/such.tsv"), /cannot read \/no\/such\.tsv/);
});
