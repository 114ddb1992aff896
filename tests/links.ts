import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Asserts that a Markdown text's links lead to files, and to headings of Markdown files, that are there. */
export function assertLinks(text: string, folder: string, where: string): void {
  for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    const [file, anchor] = target.split("#");
    const path = resolve(folder, file);
    assert.ok(existsSync(path), `${where} links to ${target}`);
    if (!anchor) continue;
    const linked = file === "" ? text : readFileSync(path, "utf8");
    const headings = linked.match(/^#+ .+$/gm)!;
    assert.ok(headings.map(anchorOf).includes(anchor), `${where} links to ${target}`);
  }
}

function anchorOf(heading: string): string {
  return heading.replace(/^#+ /, "").toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");
}
