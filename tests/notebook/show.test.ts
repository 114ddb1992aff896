import assert from "node:assert/strict";
import { mimeBundleOf } from "../../lib/notebook/mime.ts";
import { interrupt, InterruptedError } from "../../lib/notebook/interrupt.ts";
import { show } from "../../lib/notebook/show.ts";

/** What `action` prints. */
async function printed(action: () => Promise<void>): Promise<string[]> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => void lines.push(line);
  try {
    await action();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("show() prints text where there is no notebook", async () => {
  const figure = { mimeBundle: () => Promise.resolve({ "text/plain": "a chart" }) };
  const picture = { mimeBundle: () => ({ "image/png": "..." }) };
  assert.deepEqual(
    await printed(() => show("a\tb\nc", [{ n: 1 }], figure, picture, 2n, null)),
    ["a\tb\nc", "n\n-\n1", "a chart", "[image/png]", "2n", "null"],
  );
});

Deno.test("show() waits for promises, and throws the error of one that fails", async () => {
  assert.deepEqual(await printed(() => show("rows:", Promise.resolve([{ n: 1 }]))), [
    "rows:",
    "n\n-\n1",
  ]);
  const failing = Promise.reject(new Error("no table gold"));
  await printed(() => assert.rejects(show(new Promise(() => {}), failing), /no table gold/));
});

Deno.test("text to show keeps its lines and loses terminal escapes", async () => {
  assert.deepEqual(await mimeBundleOf("a\r\nb\u001b[2J\ud800"), {
    "text/plain": "a\nb\ufffd[2J\ufffd",
  });
});

Deno.test("an object is a table where it can be, and text as Node prints it", async () => {
  const bundle = await mimeBundleOf({ source: "tweets" });
  assert.match(String(bundle["text/html"]), /^<table>.*source.*tweets.*<\/table>$/s);
  assert.equal(bundle["text/plain"], "{ source: 'tweets' }");
  assert.deepEqual(Object.keys(await mimeBundleOf(new Map())), ["text/plain"]);
});

Deno.test("show() throws when the stop button is pressed meanwhile", async () => {
  const figure = {
    mimeBundle: () => {
      interrupt();
      return { "text/plain": "shown" };
    },
  };
  await printed(() => assert.rejects(show(figure), InterruptedError));
});
