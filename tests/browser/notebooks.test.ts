import assert from "node:assert/strict";
import { copyFile, mkdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import type { Browser } from "playwright-core";
import { projectPath } from "../../lib/paths.ts";
import { notebookFiles } from "../../scripts/notebooks/notebook_files.ts";
import { browserTest } from "../dashboard/browser.ts";
import { type JupyterLab, withJupyterLab } from "./jupyter_lab.ts";
import { NotebookPage } from "./notebook_page.ts";
import { problemsOf } from "./problems.ts";
import { checkForms, reopen } from "./reopened.ts";
import { pressStop } from "./stop_button.ts";

// Those that make the tables for all others.
const chosen = process.env.BROWSER_NOTEBOOKS ?? "00,03,04,05,09";
const screenshots = projectPath("output/screenshots");

Deno.test(browserTest("notebooks in JupyterLab", async (browser, context) => {
  await mkdir(screenshots, { recursive: true });
  await withJupyterLab(async (lab) => {
    const ran: string[] = [];
    for (const file of notebookFiles(projectPath("notebooks"), chosen.split(","))) {
      const notebook = basename(file);
      await copyFile(file, join(lab.folder, notebook));
      const passed = await context.step(
        `${notebook}: Run All draws every output under its own cell, in light and dark`,
        () => runAndLook(browser, lab, notebook),
      );
      if (passed) ran.push(notebook);
    }
    await context.step(
      "reopened, they show their figures without a run, and plotly's library is loaded once",
      () => reopen(browser, lab, ran),
    );
    await context.step(
      "the stop button ends a stream and scoring; kernel and tables are whole",
      () => pressStop(browser, lab),
    );
  });
}));

async function runAndLook(browser: Browser, lab: JupyterLab, notebook: string): Promise<void> {
  const page = await NotebookPage.open(browser, lab, notebook);
  await page.runAll();
  const problems: string[] = [];
  for (const theme of ["Dark", "Light"] as const) {
    await page.theme(theme);
    const image = `${basename(notebook, ".ipynb")}_${theme.toLowerCase()}.png`;
    await page.screenshot(join(screenshots, image));
    for (const problem of (await page.cells()).flatMap(problemsOf)) {
      problems.push(`${theme}: ${problem}`);
    }
  }
  await page.close();
  assert.deepEqual(problems, []);
  await checkForms(lab, notebook);
  const { size } = await stat(join(lab.folder, notebook));
  assert.ok(size < 2_000_000, `${notebook} has ${size} bytes after its run`);
}
