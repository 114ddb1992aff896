import assert from "node:assert/strict";
import { type Assertions, WrongAnswer } from "../../lib/teaching/assertions.ts";
import { check, CheckFailed, notSolved } from "../../lib/teaching/check.ts";

/** What a check throws, as text; undefined where the answer is right. */
async function failureOf(
  test: (assert: Assertions) => void | Promise<void>,
  options?: { timeout: number },
): Promise<string | undefined> {
  const { log } = console;
  console.log = () => {};
  try {
    await check("04-a", test, options);
  } catch (error) {
    assert.ok(error instanceof CheckFailed);
    return error.message;
  } finally {
    console.log = log;
  }
}

Deno.test("a right answer passes", async () => {
  assert.equal(
    await failureOf(async (assert) => {
      assert.equal([1, 2], [1, 2], "numbers");
      assert.rows([{ a: 2 }, { a: 1 }], [{ a: 1 }, { a: 2 }], "rows");
      assert.ok(true, "never said");
      await assert.rejects(() => Promise.reject(new Error("no table gold")), /gold/, "a bad table");
    }),
    undefined,
  );
});

Deno.test("a wrong answer is told what is wrong, in a sentence", async () => {
  const claims: [(assert: Assertions) => void | Promise<void>, string][] = [
    [
      (assert) => assert.equal(["Go"], ["go"], 'the hashtags of "#Go"'),
      `04-a: the hashtags of "#Go": expected [ 'go' ], got [ 'Go' ]`,
    ],
    [
      (assert) => assert.rows([{ a: 1 }, { a: 1 }], [{ a: 1 }, { a: 2 }], "rows"),
      "04-a: rows: the row { a: 2 } is missing; the row { a: 1 } is one too many",
    ],
    [
      (assert) => assert.rows(undefined, [], "rows"),
      "04-a: rows: expected an array of rows, got undefined",
    ],
    [(assert) => assert.ok(false, "no text was scored"), "04-a: no text was scored"],
    [
      (assert) => assert.rejects(() => 1, /gold/, "a bad table"),
      "04-a: a bad table: expected an error, got none",
    ],
    [
      (assert) => assert.rejects(() => Promise.reject(new Error("no")), /gold/, "a bad table"),
      '04-a: a bad table: expected another error than "no"',
    ],
  ];
  for (const [claim, message] of claims) assert.equal(await failureOf(claim), message);
});

Deno.test("an answer that throws says what it threw, an open one that it is open", async () => {
  const throwing = (error: unknown) =>
    failureOf(() => {
      throw error;
    });
  assert.equal(
    await throwing(new TypeError("x is no function")),
    "04-a: the answer throws TypeError: x is no function",
  );
  assert.equal(await throwing(undefined), "04-a: the answer throws undefined");
  assert.equal(
    await throwing(new Error("two\nlines, \u001b[2J and \ud800")),
    "04-a: the answer throws Error: two↵lines, \ufffd[2J and \ufffd",
  );
  assert.equal(await throwing(new Error(notSolved)), "04-a: not solved yet");
  assert.equal(await throwing(new WrongAnswer("too few rows")), "04-a: too few rows");
});

Deno.test("a long value does not fill the screen", async () => {
  const message = await failureOf((assert) => assert.equal("x".repeat(100_000), "", "the text"));
  assert.ok(message!.length < 500);
});

Deno.test("an answer that does not end is wrong", async () => {
  const message = await failureOf(() => new Promise(() => {}), { timeout: 50 });
  assert.equal(message, "04-a: it has not ended after 0.05 s");
});
