import { join, resolve } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";
import { Lakehouse } from "../lakehouse/lakehouse.ts";
import { replaceFile } from "../replace_file.ts";
import { parameters } from "../settings.ts";
import type { EngineSession } from "../streaming/engine.ts";
import { Session } from "../streaming/session.ts";
import { contentHtml } from "./content.ts";
import { type DashboardFigures, readFigures, readSessionFigures } from "./figures.ts";
import { filePage } from "./page.ts";

/** A dashboard in a file. */
export interface ExportedDashboard {
  /** Absolute path. */
  file: string;
  bytes: number;
  /** What it shows. */
  figures: DashboardFigures;
}

/** Where a lake's page stands where no file is named: with the tables, so that each has its own. */
export function dashboardFile(lake: string): string {
  return join(lake, "dashboard.html");
}

/**
 * Writes the dashboard as one HTML file that opens without a network and a server. A file of that
 * name is replaced at once: a reader finds the old one or the new one, never a part.
 *
 * @param source A lake, or a session of either engine.
 * @param file By default {@linkcode dashboardFile} of the lake; for tables on Spark, of the folder
 *   that the settings name.
 * @throws {BirdsongError} when the file cannot be written.
 */
export async function exportDashboard(
  source: Lakehouse | EngineSession,
  file?: string,
): Promise<ExportedDashboard> {
  const lake = source instanceof Session ? source.lake : source;
  const onSpark = !(lake instanceof Lakehouse);
  const path = resolve(file ?? dashboardFile(onSpark ? parameters().lake : lake.folder));
  const figures = onSpark ? await readSessionFigures(lake) : await readFigures(lake);
  const page = filePage(contentHtml(figures));
  try {
    await replaceFile(path, page);
  } catch (error) {
    throw new BirdsongError(`cannot write the dashboard to ${path}: ${messageOf(error)}`, {
      cause: error,
      context: { file: path },
    });
  }
  return { file: path, bytes: new TextEncoder().encode(page).length, figures };
}
