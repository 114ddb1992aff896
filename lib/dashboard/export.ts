import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { BirdsongError, messageOf } from "../errors.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import { contentHtml } from "./content.ts";
import { type DashboardFigures, readFigures } from "./figures.ts";
import { filePage } from "./page.ts";

/** A dashboard in a file. */
export interface ExportedDashboard {
  /** Absolute path. */
  file: string;
  bytes: number;
  /** What it shows. */
  figures: DashboardFigures;
}

/**
 * Writes the dashboard as one HTML file that opens without a network and a server. A file of that
 * name is replaced at once: a reader finds the old one or the new one, never a part.
 *
 * @param file By default `dashboard.html` in the lake's folder, so that each lake has its own.
 * @throws {BirdsongError} when the file cannot be written.
 */
export async function exportDashboard(
  lake: Lakehouse,
  file: string = join(lake.folder, "dashboard.html"),
): Promise<ExportedDashboard> {
  const path = resolve(file);
  const figures = await readFigures(lake);
  const page = filePage(contentHtml(figures));
  const unfinished = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, page);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new BirdsongError(`cannot write the dashboard to ${path}: ${messageOf(error)}`, {
      cause: error,
      context: { file: path },
    });
  }
  return { file: path, bytes: new TextEncoder().encode(page).length, figures };
}
