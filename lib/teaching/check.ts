import { BirdsongError, messageOf } from "../errors.ts";
import { escapeHtml, printable } from "../notebook/escape.ts";
import type { Displayable } from "../notebook/mime.ts";
import { show } from "../notebook/show.ts";
import { Assertions, WrongAnswer } from "./assertions.ts";

/** What a student's edition throws where the answer will stand. */
export const notSolved = "not solved yet";

/** The MIME type under which a {@linkcode Verdict} stands in an executed notebook. */
export const verdictType = "application/vnd.birdsong.verdict+json";

/** What a check says of an answer. */
export interface Verdict {
  /** Such as `04-a`. */
  exercise: string;
  state: "right" | "wrong" | "open";
  /** What is wrong; empty where the answer is right. */
  reason: string;
}

/** An exercise that is not solved: it fails the check's cell, and is worth no points. */
export class CheckFailed extends BirdsongError {
  override name = "CheckFailed";

  constructor({ exercise, reason }: Verdict) {
    super(`${exercise}: ${reason}`, { context: { exercise } });
    // Where in the library it was thrown tells a student nothing.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * Checks the answer to an exercise and shows the verdict. The answer is a function, so that it is
 * asked on input that its author has not seen, and an open exercise does not stop *Run All*.
 *
 * @param exercise Such as `04-a`.
 * @param test Calls the answer and claims what holds of a right one.
 * @param options.timeout Milliseconds that the answer may take. @default 120000
 * @throws {CheckFailed} when the answer is wrong or not there.
 *
 * @example
 * await check("04-a", (assert) => {
 *   assert.equal(hashtagsOf("#Go #go"), ["go"], 'the hashtags of "#Go #go"');
 * });
 */
export async function check(
  exercise: string,
  test: (assert: Assertions) => void | Promise<void>,
  options: { timeout?: number } = {},
): Promise<void> {
  const { timeout = 120_000 } = options;
  const verdict: Verdict = { exercise, state: "right", reason: "" };
  try {
    await endsWithin(timeout, test(new Assertions()));
  } catch (error) {
    verdict.state = messageOf(error) === notSolved ? "open" : "wrong";
    // An answer may throw any text, also what a terminal would obey.
    verdict.reason = printable(
      error instanceof WrongAnswer || verdict.state === "open"
        ? messageOf(error)
        : `the answer throws ${String(error)}`,
    );
  }
  await show(shown(verdict));
  if (verdict.state !== "right") throw new CheckFailed(verdict);
}

/** An answer may wait for ever, such as for a stream that does not end. */
async function endsWithin(milliseconds: number, test: void | Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const reason = `it has not ended after ${milliseconds / 1000} s`;
    timer = setTimeout(() => reject(new WrongAnswer(reason)), milliseconds);
  });
  await Promise.race([test, tooLong]).finally(() => clearTimeout(timer));
}

function shown(verdict: Verdict): Displayable {
  const { exercise, state, reason } = verdict;
  const mark = { right: "✓", wrong: "✗", open: "○" }[state];
  const colour = { right: "success", wrong: "error", open: "warn" }[state];
  const text = state === "right" ? "right" : reason;
  return {
    mimeBundle: () => ({
      "text/plain": `${mark} ${exercise}: ${text}`,
      "text/html":
        `<b style="color:var(--jp-${colour}-color1)">${mark} ${escapeHtml(exercise)}</b> ` +
        escapeHtml(text),
      [verdictType]: verdict,
    }),
  };
}
