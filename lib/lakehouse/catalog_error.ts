import { existsSync, readdirSync, statSync } from "node:fs";
import { BirdsongError, messageOf } from "../errors.ts";

/**
 * Refuses to make a new catalog beside tables: the lake would look empty, streams would begin anew,
 * and `vacuum` would take the tables' files for nobody's.
 *
 * @throws {BirdsongError} when the catalog is missing or empty, and the tables' folder is not.
 */
export function checkCatalogIsThere(catalog: string, dataPath: string): void {
  if (statSync(catalog, { throwIfNoEntry: false })?.size) return;
  if (!existsSync(dataPath) || readdirSync(dataPath).length === 0) return;
  throw new BirdsongError(
    `the catalog ${catalog} is ${
      existsSync(catalog) ? "empty" : "missing"
    }, but ${dataPath} holds ` +
      "the files of its tables. Put the catalog back from a copy; to begin anew, move that folder " +
      "away.",
    { context: { file: catalog } },
  );
}

/**
 * Explains an error that comes from the catalog itself: it is damaged, or of another version.
 *
 * @param catalog The catalog's file.
 * @returns undefined where the error has another reason.
 */
export function explainCatalogError(error: unknown, catalog: string): BirdsongError | undefined {
  const text = messageOf(error);
  const options = { cause: error, context: { file: catalog } };
  if (statSync(catalog, { throwIfNoEntry: false })?.isDirectory()) {
    return new BirdsongError(
      `${catalog} is a folder, but must be the lake's catalog, a file: name another folder ` +
        "(BIRDSONG_LAKE or --lake), or move it away",
      options,
    );
  }
  if (/file is not a database|database disk image is malformed|malformed database/.test(text)) {
    return new BirdsongError(
      `the catalog ${catalog} is damaged. Put it back from a copy; to begin anew, move the lake's ` +
        `folder away. (${text})`,
      options,
    );
  }
  const [, found, readable] =
    /catalog version is (\S+), but the extension requires version (\S+?)\. /.exec(text) ?? [];
  if (!found) return undefined;
  return new BirdsongError(
    `the catalog ${catalog} has version ${found} of DuckLake's format, but this program reads ` +
      `version ${readable}: open it with the version of this program that made it, or name another ` +
      "folder (BIRDSONG_LAKE or --lake)",
    options,
  );
}
