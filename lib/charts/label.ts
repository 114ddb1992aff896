/** Characters that break XML, or the direction and order of the text around them. */
const unprintable =
  // deno-lint-ignore no-control-regex
  /[\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]+/g;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text from outside (a mention, a user's name) as one printable line of at most `length`
 * characters: no control or direction characters, no lone surrogates, `…` where it was cut.
 */
export function oneLine(text: string, length = 32): string {
  // Only the start is shown, so only the start of a very long text is looked at.
  const clean = text.slice(0, 10 * length)
    .replace(loneSurrogate, "\ufffd").replace(unprintable, " ").trim();
  const characters = Array.from(clean);
  return characters.length <= length ? clean : characters.slice(0, length - 1).join("") + "…";
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  // Two dollar signs would enclose a formula where MathJax is loaded, as in JupyterLab.
  "$": "&#36;",
};

/**
 * Text in the form that plotly shows literally. Plotly reads a part of HTML (`<b>`, `<a href>`,
 * `<br>`, entities) in titles, tick labels and hover texts.
 */
export function plotlyText(text: string): string {
  return text.replace(/[&<>$]/g, (character) => entities[character]);
}

/** A label of a chart from text that may hold anything: one line, shown literally. */
export function label(text: string, length?: number): string {
  return plotlyText(oneLine(text, length));
}

const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

/** A number as charts show it: `12,345` or `0.709`. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}
