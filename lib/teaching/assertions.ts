import { inspect } from "node:util";
import { messageOf } from "../errors.ts";
import { sameValue } from "./same_value.ts";

/** What is wrong with an answer, in a sentence for the one who wrote it. */
export class WrongAnswer extends Error {
  override name = "WrongAnswer";
}

/**
 * What a check may claim of an answer. The first claim that does not hold throws a
 * {@linkcode WrongAnswer} that says what is wrong.
 */
export class Assertions {
  /**
   * The answer is this value; {@linkcode sameValue} says what counts as the same.
   *
   * @param what The beginning of the sentence, such as `the hashtags of "#a"`.
   */
  equal(actual: unknown, expected: unknown, what: string): void {
    if (sameValue(actual, expected)) return;
    throw new WrongAnswer(`${what}: expected ${quote(expected)}, got ${quote(actual)}`);
  }

  /** The answer is these rows, in whatever order. */
  rows(actual: unknown, expected: readonly object[], what: string): void {
    if (!Array.isArray(actual)) {
      throw new WrongAnswer(`${what}: expected an array of rows, got ${quote(actual)}`);
    }
    const surplus = [...actual];
    const missing = expected.filter((row) => {
      const found = surplus.findIndex((other) => sameValue(other, row));
      if (found >= 0) surplus.splice(found, 1);
      return found < 0;
    });
    if (missing.length === 0 && surplus.length === 0) return;
    const reasons = [
      ...(missing.length > 0 ? [`the row ${quote(missing[0])} is missing`] : []),
      ...(surplus.length > 0 ? [`the row ${quote(surplus[0])} is one too many`] : []),
    ];
    throw new WrongAnswer(`${what}: ${reasons.join("; ")}`);
  }

  /** The condition holds; `otherwise` is the sentence that says what is wrong where it does not. */
  ok(condition: boolean, otherwise: string): void {
    if (!condition) throw new WrongAnswer(otherwise);
  }

  /** The call throws an error whose message matches. */
  async rejects(action: () => unknown, message: RegExp, what: string): Promise<void> {
    let thrown: unknown;
    try {
      await action();
    } catch (error) {
      thrown = error;
    }
    if (thrown === undefined) throw new WrongAnswer(`${what}: expected an error, got none`);
    if (message.test(messageOf(thrown))) return;
    throw new WrongAnswer(`${what}: expected another error than "${messageOf(thrown)}"`);
  }
}

function quote(value: unknown): string {
  const text = inspect(value, { depth: 4, breakLength: Infinity, maxArrayLength: 10 });
  return text.length <= 300 ? text : `${text.slice(0, 300).toWellFormed()}...`;
}
