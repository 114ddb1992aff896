const links = /\b(?:https?:\/\/|www\.)\S+/gi;
const mentions = /(^|[^A-Za-z0-9_])(?:@[A-Za-z0-9_]+)+/g;

// What Twitter escapes in a text, and &apos; and &nbsp;, which other exports of tweets add.
const namedEntities: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};
const entities = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp));/g;

/**
 * A text as the model saw texts in training: HTML entities as the characters they stand for, links
 * as `http`, mentions as `@user`, whitespace as single spaces. Surrogates without a partner become
 * U+FFFD. This is the only place where the library rewrites a text for a model.
 *
 * @example
 * prepareText("@ann  tea &amp; cake: http://cake.example"); // "@user tea & cake: http"
 */
export function prepareText(text: string): string {
  return text
    .replace(entities, unescapeEntity)
    .replace(links, "http")
    .replace(mentions, "$1@user")
    .replace(/\s+/g, " ")
    .trim()
    .toWellFormed();
}

function unescapeEntity(entity: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return namedEntities[name];
  const code = decimal === undefined ? parseInt(hex!, 16) : parseInt(decimal, 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}
