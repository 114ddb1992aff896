import { existsSync, readdirSync, statSync } from "node:fs";
import { BirdsongError, messageOf } from "../errors.ts";
import { isObjectStorage, type LakeLocation } from "./location.ts";

/**
 * Refuses to make a new catalog beside tables: the lake would look empty, streams would begin anew,
 * and `vacuum` would take the tables' files for nobody's.
 *
 * @throws {BirdsongError} when the catalog is missing or empty, and the tables' folder is not.
 */
export function checkCatalogIsThere({ catalogFile, dataPath }: LakeLocation): void {
  if (!catalogFile || isObjectStorage(dataPath)) return;
  if (statSync(catalogFile, { throwIfNoEntry: false })?.size) return;
  if (!existsSync(dataPath) || readdirSync(dataPath).length === 0) return;
  const problem = existsSync(catalogFile) ? "empty" : "missing";
  throw new BirdsongError(
    `the catalog ${catalogFile} is ${problem}, but ${dataPath} holds the files of its tables. ` +
      "Put the catalog back from a copy; to begin anew, move that folder away.",
    { context: { file: catalogFile } },
  );
}

/**
 * Explains an error that comes from the catalog: it is damaged, of another version, or its server
 * cannot be reached.
 *
 * @returns undefined where the error has another reason.
 */
export function explainCatalogError(
  error: unknown,
  { catalogFile, catalog }: LakeLocation,
): BirdsongError | undefined {
  const text = messageOf(error);
  const name = catalogFile ?? catalog;
  const explain = (message: string): BirdsongError =>
    new BirdsongError(message, { cause: error, context: { catalog: name } });
  if (catalogFile && statSync(catalogFile, { throwIfNoEntry: false })?.isDirectory()) {
    return explain(
      `${name} is a folder, but must be the lake's catalog, a file: name another folder ` +
        "(BIRDSONG_LAKE or --lake), or move it away",
    );
  }
  if (/file is not a database$|database disk image is malformed$|malformed database/.test(text)) {
    return explain(
      `the catalog ${name} is damaged. Put it back from a copy; to begin anew, move the lake's ` +
        `folder away. (${text})`,
    );
  }
  const [, found, readable] =
    /catalog version is (\S+), but the extension requires version (\S+?)\. /.exec(text) ?? [];
  if (found) {
    return explain(
      `the catalog ${name} has version ${found} of DuckLake's format, but this program reads ` +
        `version ${readable}: open it with the version of this program that made it, or name ` +
        "another folder (BIRDSONG_LAKE or --lake)",
    );
  }
  const [, path] = /does not match existing data path in the catalog "(.*?)\/?"/.exec(text) ?? [];
  if (path) {
    return explain(
      `the catalog ${name} belongs to a lake whose tables' files are in ${path}: set the storage ` +
        "(BIRDSONG_STORAGE) or the lake's folder (BIRDSONG_LAKE) to that",
    );
  }
  if (catalogFile) return undefined;
  if (/creating a new DuckLake is explicitly disabled/.test(text)) {
    return explain(
      `no lake in the catalog ${name}: run the notebooks or \`deno task pipeline\` first, or name ` +
        "its catalog (BIRDSONG_CATALOG)",
    );
  }
  if (!serverGone.test(text)) return undefined;
  return explain(
    `the catalog ${name} cannot be reached. See that its server runs, that the user may connect ` +
      "(the password goes into PGPASSWORD or ~/.pgpass), then start again: what has been committed " +
      `is safe, and streams go on behind it. (${text.trim()})`,
  );
}

/** What libpq says of a server that is not there, refuses, or has gone. */
const serverGone =
  /Unable to connect to Postgres|Failed to execute query "[^"]*":\s*$|server closed the connection|terminating connection|connection to server .* (failed|was lost)|no connection to the server|the database system is (starting|shutting)/;
