import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { BirdsongError } from "../errors.ts";
import { parseValue } from "../parse_value.ts";

/** Where the parts of a lake are, when not all in its folder. */
export interface LocationOptions {
  /**
   * The database that holds the catalog: `postgres:` and a connection string of libpq, such as
   * `postgres:dbname=birdsong host=db.example.org`. @default a SQLite file in the lake's folder
   */
  catalog?: string | null;
  /** Where the tables' files go: `s3://bucket/prefix`. @default the lake's folder */
  storage?: string | null;
}

/** Where the parts of a lake are. */
export interface LakeLocation {
  /** The lake's folder, absolute: running streams leave their marks there, large queries spill. */
  folder: string;
  /** The catalog's SQLite file; undefined where PostgreSQL holds the catalog. */
  catalogFile: string | undefined;
  /** The catalog, as DuckLake writes it: `sqlite:<file>` or `postgres:dbname=birdsong`. */
  catalog: string;
  /** Where the tables' files are: a folder, or `s3://bucket/prefix`. */
  dataPath: string;
}

/**
 * Where the parts of the lake of a folder are. The first one to open it says so; it is noted in the
 * folder, so that all others find them.
 *
 * @throws {BirdsongError} for a catalog or a storage that is none, or another than the lake's.
 */
export function locateLake(folder: string, options: LocationOptions = {}): LakeLocation {
  folder = resolve(folder);
  const noted = readNote(folder);
  const chosen = (name: keyof LocationOptions, parse: (text: string) => string) => {
    const given = options[name] && parseValue(name, options[name], parse);
    const known = noted[name];
    if (given && known && given !== known) throw otherLake(folder, name, given, known);
    return given || known;
  };
  const catalog = chosen("catalog", parseCatalog);
  const storage = chosen("storage", parseStorage);
  const ownCatalog = join(folder, "catalog.sqlite");
  if (catalog && !noted.catalog && existsSync(ownCatalog)) {
    throw otherLake(folder, "catalog", catalog, ownCatalog);
  }
  const catalogFile = catalog ? undefined : ownCatalog;
  return {
    folder,
    catalogFile,
    catalog: catalog ?? `sqlite:${catalogFile}`,
    dataPath: storage ?? join(folder, "data"),
  };
}

/** Notes in a lake's folder where its parts are, where that is elsewhere. */
export function noteLocation({ folder, catalogFile, catalog, dataPath }: LakeLocation): void {
  const note: LocationOptions = {
    ...(catalogFile ? {} : { catalog }),
    ...(isObjectStorage(dataPath) ? { storage: dataPath } : {}),
  };
  if (Object.keys(note).length === 0 || existsSync(noteFile(folder))) return;
  writeFileSync(noteFile(folder), JSON.stringify(note, null, 2));
}

/** Whether there is a lake in a folder, or a note where it is. */
export function isLakeThere(folder: string): boolean {
  return existsSync(noteFile(folder)) || existsSync(join(folder, "catalog.sqlite"));
}

/** What is noted of a lake; nothing is, where all of it is in its folder. */
function readNote(folder: string): LocationOptions {
  if (!existsSync(noteFile(folder))) return {};
  return JSON.parse(readFileSync(noteFile(folder), "utf8"));
}

function otherLake(folder: string, what: string, given: string, known: string): BirdsongError {
  return new BirdsongError(
    `the lake in ${folder} has its ${what} in ${known}, not in ${given}: name another folder for ` +
      "another lake (BIRDSONG_LAKE or --lake)",
    { context: { folder } },
  );
}

function noteFile(folder: string): string {
  return join(folder, "location.json");
}

/** Whether a data path is in an object storage. */
export function isObjectStorage(dataPath: string): boolean {
  return dataPath.startsWith("s3://");
}

/**
 * Checks a catalog's connection string. A password in it is refused: error messages of DuckDB and
 * PostgreSQL quote the string.
 *
 * @throws {BirdsongError} for a password.
 * @throws {Error} that says what it must be.
 */
export function parseCatalog(text: string): string {
  if (/password\s*=|:\/\/[^?]*:[^?]*@/i.test(text)) {
    throw new BirdsongError(
      "the catalog (BIRDSONG_CATALOG) must not hold a password: put it into PGPASSWORD or ~/.pgpass",
    );
  }
  if (/^postgres:./.test(text)) return text;
  throw new Error('a database such as "postgres:dbname=birdsong host=localhost"');
}

/**
 * Checks where tables' files shall go.
 *
 * @returns It without a `/` at its end.
 * @throws {BirdsongError} for a key in it, which is not repeated.
 * @throws {Error} that says what it must be.
 */
export function parseStorage(text: string): string {
  if (/^s3:\/\/[a-z0-9][a-z0-9.-]+(\/[^?*[\]{}]*)?$/.test(text)) return text.replace(/\/+$/, "");
  // As Hadoop once took it: s3n://key:secret@bucket.
  if (text.includes("@")) {
    throw new BirdsongError(
      "the object storage (BIRDSONG_STORAGE) must not hold a key: put it into AWS_ACCESS_KEY_ID and " +
        "AWS_SECRET_ACCESS_KEY",
    );
  }
  throw new Error('an object storage such as "s3://bucket/prefix"');
}
