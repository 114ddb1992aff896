import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectEnvironment, sitePackages } from "../python_environment.ts";
import { literal } from "./sql_text.ts";

/**
 * The statement that loads an extension. Set-up installs the signed binaries as Python packages
 * (they work without network); where there is none for this machine, DuckDB fetches its own.
 *
 * @param engineVersion DuckDB's, as `version()` says it: `v1.5.5`.
 */
export function loadStatement(extension: string, engineVersion: string): string {
  const binary = join("extensions", engineVersion, `${extension}.duckdb_extension`);
  const file = sitePackages(projectEnvironment)
    .map((folder) => join(folder, `duckdb_extension_${extension}`, binary))
    .find(existsSync);
  return file === undefined ? `INSTALL ${extension}; LOAD ${extension}` : `LOAD ${literal(file)}`;
}
