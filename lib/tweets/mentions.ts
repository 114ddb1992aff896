/**
 * The one pattern for mentions: a chain of `@name` that does not follow a letter, a digit or `_`.
 * Group 1 is what stands before the chain, group 2 the chain. It uses only words that RE2 (DuckDB),
 * Java (Spark) and JavaScript share, so that all three find and remove the same mentions; RE2 has
 * no lookbehind, hence group 1. An e-mail address is no mention; `(@nick@jonas)` holds two.
 */
export const mentionPattern = "(^|[^A-Za-z0-9_])((?:@[A-Za-z0-9_]+)+)";

/** What {@linkcode cleanText} trims: ASCII whitespace, the set every engine can be told. */
export const trimmedCharacters = " \t\n\v\f\r";

const chains = new RegExp(mentionPattern, "g");

/**
 * A tweet's text without its mentions, trimmed: what the model scores (`cleaned_text`).
 *
 * In DuckDB: `trim(regexp_replace(text, <mentionPattern>, '\1', 'g'), <trimmedCharacters>)`.
 *
 * @example
 * cleanText("@Ann @Bob thanks (@Cy@Dee), write to me@home.org "); // "thanks (), write to me@home.org"
 */
export function cleanText(text: string): string {
  const bare = text.replace(chains, "$1");
  let start = 0;
  let end = bare.length;
  while (start < end && trimmedCharacters.includes(bare[start])) start++;
  while (end > start && trimmedCharacters.includes(bare[end - 1])) end--;
  return bare.slice(start, end);
}

/**
 * The people a tweet mentions: distinct, in lower case, without `@`, in the order they first occur.
 *
 * @example
 * mentionsOf("@Ann @bob @ann hello"); // ["ann", "bob"]
 */
export function mentionsOf(text: string): string[] {
  const names = new Set<string>();
  for (const [, , chain] of text.matchAll(chains)) {
    for (const name of chain.slice(1).split("@")) names.add(name.toLowerCase());
  }
  return [...names];
}
