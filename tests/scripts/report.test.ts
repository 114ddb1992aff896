import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { mimeBundleOf } from "../../lib/notebook/mime.ts";
import { junitReport } from "../../scripts/notebooks/junit_report.ts";
import { writeReports } from "../../scripts/notebooks/reports.ts";
import type { NotebookResult } from "../../scripts/notebooks/run_notebooks.ts";
import { parseJunit } from "../../scripts/test/junit.ts";

/** A cell of an executed notebook: prose, or code with its outputs. */
type Cell = string | { code: string; outputs?: Record<string, unknown>[] };

const display = (data: Record<string, unknown>) => ({
  ...{ output_type: "display_data", metadata: {} },
  data,
});
const stream = (text: string, name = "stdout") => ({ output_type: "stream", name, text });
const thrown = (traceback: string) => ({
  ...{ output_type: "error", ename: "Error", evalue: "" },
  traceback: traceback.split("\n"),
});
const passed = (notebook: string): NotebookResult => ({ notebook, state: "passed", seconds: 1.5 });

function writeExecuted(folder: string, name: string, cells: Cell[]): void {
  const notebook = {
    cells: cells.map((cell, index) => ({
      ...{ id: `cell-${index}`, metadata: {} },
      ...(typeof cell === "string" ? { cell_type: "markdown", source: cell } : {
        ...{ cell_type: "code", execution_count: null },
        source: cell.code,
        outputs: cell.outputs ?? [],
      }),
    })),
    ...{ metadata: {}, nbformat: 4, nbformat_minor: 5 },
  };
  writeFileSync(join(folder, name), JSON.stringify(notebook));
}

/** The report of executed notebooks, with every script in it run: more than a browser would do. */
async function reportOf(
  notebooks: Record<string, Cell[]>,
  results: NotebookResult[] = Object.keys(notebooks).map(passed),
  source = "/data/tweets",
) {
  const out = await Deno.makeTempDir();
  try {
    for (const [name, cells] of Object.entries(notebooks)) writeExecuted(out, name, cells);
    const startedAt = new Date("2026-11-21T09:30:00Z");
    const html = readFileSync(
      writeReports({ results, out, kernel: "deno", source, startedAt }),
      "utf8",
    );
    const { window } = new JSDOM(html, { runScripts: "dangerously" });
    return { html, window, document: window.document };
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

Deno.test("the report begins with the run's facts and a table of its notebooks", async () => {
  const { document } = await reportOf(
    { "00_first.ipynb": ["# First"], "01_second.ipynb": ["# Second"] },
    [passed("00_first.ipynb"), { ...passed("01_second.ipynb"), seconds: 20.25 }],
  );
  const facts = document.querySelector("header dl")!.textContent!;
  assert.match(facts, /21 November 2026/);
  assert.match(facts, /\d cores?, [\d.]+ GB memory/);
  assert.match(facts, /deno \(Deno [\d.]+\)/);
  assert.match(facts, /\/data\/tweets/);
  const rows = [...document.querySelectorAll("nav tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent!.trim()).join(" | ")
  );
  assert.deepEqual(rows, [
    "Notebook | State | Seconds",
    "00_first | passed | 1.5",
    "01_second | passed | 20.2",
    "All |  | 21.8",
  ]);
});

Deno.test("the report shows the library's own tables as they are", async () => {
  const things = [[{ predicted_sentiment: "x <y>" }], { source_folder: "/a" }];
  const outputs = (await Promise.all(things.map(mimeBundleOf))).map(display);
  const { document } = await reportOf({ "00_first.ipynb": [{ code: "1", outputs }] });
  const cells = [...document.querySelectorAll(".output th, .output td")];
  assert.deepEqual(
    cells.map(({ textContent }) => textContent),
    ["predicted_sentiment", "x <y>", "source_folder", "/a"],
  );
  assert.match(cells[3].getAttribute("style")!, /overflow-wrap: ?anywhere/);
});

Deno.test("the report shows prose, code and outputs, and needs no other file", async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg"><text>é 🐦</text></svg>`;
  const { document } = await reportOf({
    "00_first.ipynb": [
      "# First\n\nText with *stress*, `a < b`.\n\n## A table\n\n| a | b |\n|---|--:|\n| 1 | 2 |",
      {
        code: `const a: Map<string, number> = x;`,
        outputs: [
          display({ "image/svg+xml": svg, "text/plain": "a chart", "text/html": "<p>not</p>" }),
          display({ "text/html": `<table><tr><td style="text-align:right">7</td></tr></table>` }),
          stream("\u001b[32mgreen\u001b[0m & <plain>\n"),
          display({ "application/json": [1, { a: 2 }] }),
        ],
      },
      "[next](01_second.ipynb#here), [file](../lib/settings.ts), [web](https://example.org/) ![a bird](x.png)",
    ],
    "01_second.ipynb": ["# Second"],
  });
  const headings = [...document.querySelectorAll("h1, h2, h3")]
    .map(({ tagName, textContent }) => `${tagName} ${textContent}`);
  assert.deepEqual(headings, [
    "H1 Birdsong: tweet sentiment at scale",
    "H2 First",
    "H3 A table",
    "H2 Second",
  ]);
  assert.match(document.querySelector(".prose")!.innerHTML, /<em>stress<\/em>, <code>a &lt; b</);
  assert.equal(document.querySelectorAll(".prose table td").length, 2);
  assert.equal(
    document.querySelector(".code pre")!.textContent!.trim(),
    "const a: Map<string, number> = x;",
  );

  const image = document.querySelector("figure img")!;
  assert.equal(image.getAttribute("alt"), "a chart");
  const [type, data] = image.getAttribute("src")!.split(",");
  assert.equal(type, "data:image/svg+xml;base64");
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  assert.equal(new TextDecoder().decode(bytes), svg);
  const outputs = [...document.querySelectorAll(".output")].map(({ textContent }) => textContent);
  assert.deepEqual(outputs, ["7", "green & <plain>", "(application/json)"]);
  assert.match(document.querySelector(".output td")!.getAttribute("style")!, /text-align: ?right/);

  assert.match([...document.querySelectorAll(".prose")].at(-2)!.textContent!, /web a bird$/m);
  const links = [...document.querySelectorAll(".prose a")].map((a) => a.getAttribute("href"));
  assert.deepEqual(links, ["#01_second", null, "https://example.org/"]);
  for (const link of document.querySelectorAll("a[href^='#']")) {
    assert.ok(document.querySelector(`[id="${link.getAttribute("href")!.slice(1)}"]`));
  }
  assert.equal(document.querySelector("script, link, iframe, object, embed"), null);
});

Deno.test("long code is folded, and a long text ends with what is left out", async () => {
  const { html, document } = await reportOf({
    "00_first.ipynb": [
      { code: "let a;\n".repeat(30), outputs: [stream("x".repeat(2_000_000))] },
      { code: "let b;" },
    ],
  });
  const open = [...document.querySelectorAll("details")].map((code) => code.open);
  assert.deepEqual(open, [false, true]);
  assert.match(document.querySelector("summary")!.textContent!, /\[1\] code, 30 lines/);
  assert.match(document.querySelector(".output")!.textContent!, /x1,900,000 more characters/);
  assert.ok(html.length < 150_000);
});

Deno.test("a failing cell is marked, its error told once, and what was not run is said", async () => {
  const error = "Error: no table gold\n    at <anonymous>:1:7";
  const { document } = await reportOf(
    {
      "00_fails.ipynb": [
        { code: "" },
        { code: "let fine;" },
        {
          code: "let x;\n".repeat(20),
          outputs: [stream("before\n"), stream(`${error}\n`, "stderr"), thrown(error)],
        },
        { code: "never();" },
      ],
    },
    [
      {
        ...{ notebook: "00_fails.ipynb", state: "failed", seconds: 2 },
        failure: { cell: 2, source: "let x;", error },
      },
      { notebook: "01_later.ipynb", state: "not run", seconds: 0 },
    ],
  );
  const cells = [...document.querySelectorAll(".cell")].map(({ className }) => className);
  assert.deepEqual(cells, ["cell", "cell failed", "cell"]);
  const failed = document.querySelector(".cell.failed")!;
  assert.match(failed.textContent!, /before[^]*This cell failed\. The cells after it were not run/);
  assert.equal(failed.textContent!.split("no table gold").length, 2);
  assert.ok(failed.querySelector("details")!.open);
  assert.equal(document.querySelector("nav a[href='#failed']")!.textContent!.trim(), "failed");
  assert.equal(document.getElementById("failed"), failed);
  assert.equal(document.querySelectorAll("section").length, 1);
  assert.match(document.querySelector("nav")!.textContent!, /01_later\s+not run/);
});

Deno.test("a notebook that could not be read is in the report, with the reason", async () => {
  const { document } = await reportOf({}, [{
    ...{ notebook: "00_bad.ipynb", state: "failed", seconds: 0.1 },
    failure: { cell: null, source: "", error: "Notebook does not appear to be JSON" },
  }]);
  const text = document.querySelector("section")!.textContent!;
  assert.match(text, /failed before its first cell\.\s+Notebook does not appear to be JSON/);
});

const hostile = [
  `<script>hacked = 1</script>`,
  `</pre></style></title></textarea><script>hacked = 2</script>`,
  `<img src="x" onerror="hacked = 3"><svg onload="hacked = 4"><a xlink:href="javascript:1">`,
  `<a href="javascript:hacked = 5">a</a><a href=" JaVa&#10;Script:hacked = 6">b</a>`,
  `<iframe srcdoc="<script>parent.hacked = 7</script>"></iframe><base href="//evil.example/">`,
  `<form action="//evil.example"><input autofocus onfocus="hacked = 8"></form>`,
  `<p style="position:fixed;top:0;color:red">c</p><style>* { display: none }</style>`,
  `<noscript><p title="</noscript><img src=x onerror=hacked=9>"></noscript>`,
  `<math><mtext></p><style><img src onerror="hacked = 10"></style></mtext></math>`,
  `"><script>hacked = 11</script>' onmouseover='hacked = 12' \ud800 \u0000 ]]> {{ 7 * 7 }}`,
].join("\n");

Deno.test("hostile outputs and prose run nothing and reach nothing", async () => {
  const name = `00_<b onclick="hacked = 13">.ipynb`;
  const error = hostile;
  const { html, window, document } = await reportOf(
    {
      [name]: [
        hostile,
        ...["a", "b"].map((letter) => `[${letter}](javascript:hacked=14)`),
        `<javascript:hacked=15> ![x](x" onerror="hacked=16)`,
        {
          code: hostile,
          outputs: [
            stream(hostile),
            stream(hostile, "stderr"),
            display({ "text/html": hostile }),
            display({ "text/plain": hostile }),
            display({ "text/markdown": hostile }),
            display({ "image/svg+xml": `<svg>${hostile}</svg>`, "text/plain": hostile }),
            display({ "image/png": hostile, "text/plain": hostile }),
            display({ [hostile]: "x" }),
          ],
        },
        { code: "1;", outputs: [thrown(hostile)] },
      ],
    },
    [{ notebook: name, state: "failed", seconds: 1, failure: { cell: 2, source: "1;", error } }],
    hostile,
  );
  assert.equal((window as unknown as { hacked?: number }).hacked, undefined);
  assert.equal(
    document.querySelector("script, iframe, form, input, base, svg, math, object, embed, noscript"),
    null,
  );
  assert.equal(document.querySelectorAll("style").length, 1);
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      assert.ok(!name.startsWith("on"), `${element.tagName} ${name}`);
      if (name === "href") assert.match(value, /^(#|https?:)/);
      if (name === "src") assert.match(value, /^data:image\//);
      if (name === "style") assert.doesNotMatch(value, /position/);
    }
  }
  assert.match(document.querySelector(".output.stdout")!.textContent!, /^<script>hacked = 1</);
  assert.doesNotMatch(html, />\s*49/, "the template does not read what it is filled with");

  const policy = document.querySelector("meta[http-equiv='Content-Security-Policy']")!;
  const directives = policy.getAttribute("content")!.split("; ");
  assert.ok(directives.includes("default-src 'none'"));
  assert.ok(!directives.some((directive) => directive.startsWith("script-src")));
});

Deno.test("junit.xml has a test case for every notebook, and quotes a failing cell", () => {
  const results: NotebookResult[] = [
    passed("00_first.ipynb"),
    {
      ...{ notebook: "01_fails.ipynb", state: "failed", seconds: 2.0004 },
      failure: { cell: 3, source: `show("]]>");`, error: `Error: ${hostile}` },
    },
    { notebook: "02_later.ipynb", state: "not run", seconds: 0 },
  ];
  const xml = junitReport(results);
  assert.deepEqual(
    parseJunit(xml).map(({ suite, name, outcome }) => [suite, name, outcome].join(" ")),
    [
      "birdsong.notebooks 00_first.ipynb passed",
      "birdsong.notebooks 01_fails.ipynb failed",
      "birdsong.notebooks 02_later.ipynb skipped",
    ],
  );
  // Throws where the XML is not well-formed.
  const { document } = new JSDOM(xml, { contentType: "text/xml" }).window;
  const [first, failed] = document.querySelectorAll("testcase");
  assert.equal(first.getAttribute("classname"), "birdsong.notebooks");
  assert.equal(first.getAttribute("time"), "1.500");
  const failure = failed.querySelector("failure")!;
  assert.equal(
    failure.getAttribute("message"),
    "cell [3]: Error: <script>hacked = 1</script>",
  );
  assert.ok(failure.textContent!.startsWith(`show("]]>");\n\nError: <script>`));
  assert.equal(document.querySelector("testsuite")!.getAttribute("failures"), "1");
});
