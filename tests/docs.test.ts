import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { projectPath } from "../lib/paths.ts";
import { settingDefinitions } from "../lib/settings.ts";
import { recordFiles } from "../scripts/bench/record.ts";
import { type BenchReport, reportCells } from "../scripts/bench/report.ts";
import { assertLinks } from "./links.ts";

const files = [
  "README.md",
  "data/model/README.md",
  ...readdirSync(projectPath("docs")).filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const texts = files.map((file) => [file, readFileSync(projectPath(file), "utf8")] as const);

Deno.test("links of the documents lead to files and headings that are there", () => {
  for (const [file, text] of texts) assertLinks(text, dirname(projectPath(file)), file);
});

Deno.test("the README leads to every document", () => {
  const [[, readme]] = texts;
  for (const [file] of texts.slice(2)) assert.ok(readme.includes(`](${file})`), file);
});

Deno.test("every task stands in a document, and the documents name no other", () => {
  const { tasks } = JSON.parse(readFileSync(projectPath("deno.json"), "utf8"));
  const named = texts.flatMap(([file, text]) =>
    [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][a-z:]*)/g)].map(([, task]) => [file, task])
  );
  for (const [file, task] of named) assert.ok(task in tasks, `${file} names the task ${task}`);
  for (const task of Object.keys(tasks)) {
    assert.ok(named.some(([, other]) => other === task), `no document names the task ${task}`);
  }
});

Deno.test("the documents name settings and files that are there", () => {
  const variables = Object.values(settingDefinitions).map(({ environment }) => environment);
  for (const [file, text] of texts) {
    for (const [variable] of text.matchAll(/\bBIRDSONG_[A-Z_]+/g)) {
      assert.ok(variables.includes(variable), `${file} names ${variable}`);
    }
    for (const [, path] of text.matchAll(/`((?:lib|scripts|tests)\/[\w./-]+)`/g)) {
      assert.ok(existsSync(projectPath(path)), `${file} names ${path}`);
    }
  }
});

Deno.test("the benchmark's figures in the documents are the last ones that were recorded", () => {
  const last = readFileSync(recordFiles.results, "utf8").trim().split("\n").at(-1)!;
  const { figures, commit }: BenchReport = JSON.parse(last);
  for (const file of recordFiles.quotes) {
    const text = readFileSync(file, "utf8").replace(/ +/g, " ");
    assert.ok(text.includes(`commit ${commit}`), file);
    for (const figure of figures) {
      // Empty cells have one space in the text.
      const row = `| ${reportCells(figure).join(" | ")} |`.replace(/ +/g, " ");
      assert.ok(text.includes(row), `${file} has no row ${row}`);
    }
  }
});
