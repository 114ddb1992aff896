const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text made safe for HTML, as an element's content and between quotes as an attribute's value.
 * Tweets are hostile input: everything of theirs that meets HTML goes through here.
 *
 * Half a surrogate pair becomes U+FFFD, because it cannot be sent as UTF-8.
 *
 * @example
 * escapeHtml("<b>Ann & Bob</b>"); // "&lt;b&gt;Ann &amp; Bob&lt;/b&gt;"
 */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => entities[character]);
}

/**
 * Text on one line and without control characters, safe for a terminal and for a cell of a text
 * table: line breaks become `↵`, other control characters U+FFFD.
 */
export function printable(text: string): string {
  return text.toWellFormed()
    .replace(/\r\n|[\n\r\u2028\u2029]/g, "↵")
    .replace(/\t/g, " ")
    // deno-lint-ignore no-control-regex -- control characters are what this is about
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** At most `length` characters of a text, ending in `…` when something was left out. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  // Cut by code points, so that an emoji is not cut in half; a few units more than needed is enough.
  const characters = Array.from(text.slice(0, 2 * length));
  if (characters.length <= length && text.length <= 2 * length) return text;
  return characters.slice(0, length - 1).join("") + "…";
}
