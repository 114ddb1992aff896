import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { boxOf } from "../../lib/charts/text_box.ts";

/** The box of what is drawn in a group, with letters of 10 by 10 pixels. */
function boxIn(markup: string): number[] {
  const { document } = new JSDOM(`<svg><g>${markup}</g></svg>`).window;
  const measure = (text: string) => ({ width: 10 * text.length, ascent: 8, descent: 2 });
  const { left, right, top, bottom } = boxOf(document.querySelector("g")!, measure);
  return [left, right, top, bottom].map((number) => Math.round(number) + 0); // no -0
}

Deno.test("boxOf() moves and turns what is inside, the last step of a transform first", () => {
  const rectangle = (transform: string) => `<rect width="10" height="2" transform="${transform}"/>`;
  assert.deepEqual(boxIn(rectangle("")), [0, 10, 0, 2]);
  assert.deepEqual(boxIn(rectangle("translate(100, 5)")), [100, 110, 5, 7]);
  assert.deepEqual(boxIn(rectangle("rotate(90)")), [-2, 0, 0, 10]);
  assert.deepEqual(boxIn(rectangle("translate(100,0) rotate(90)")), [98, 100, 0, 10]);
  assert.deepEqual(boxIn(rectangle("rotate(180, 5, 1)")), [0, 10, 0, 2]);
});

Deno.test("boxOf() is around everything that has a size", () => {
  const text = '<text x="100" y="50" style="text-anchor: end">abc</text>';
  assert.deepEqual(boxIn(text), [70, 100, 42, 52]);
  assert.deepEqual(boxIn(`${text}<rect x="5" y="5" width="1" height="1"/><g/>`), [5, 100, 5, 52]);
  assert.deepEqual(boxIn(""), [0, 0, 0, 0]);
});
