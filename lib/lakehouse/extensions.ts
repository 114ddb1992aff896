import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "../paths.ts";

/**
 * The statement that loads an extension. Set-up installs the signed binaries as Python packages
 * (they work without network); where there is none for this machine, DuckDB fetches its own.
 */
export function loadStatement(extension: string, engineVersion: string): string {
  const file = installedFile(extension, engineVersion);
  return file === undefined
    ? `INSTALL ${extension}; LOAD ${extension}`
    : `LOAD '${file.replaceAll("'", "''")}'`;
}

function installedFile(extension: string, engineVersion: string): string | undefined {
  return sitePackages()
    .map((folder) =>
      join(
        folder,
        `duckdb_extension_${extension}`,
        "extensions",
        engineVersion,
        `${extension}.duckdb_extension`,
      )
    )
    .find(existsSync);
}

function sitePackages(): string[] {
  const unix = projectPath(".venv/lib");
  if (!existsSync(unix)) return [projectPath(".venv/Lib/site-packages")];
  return readdirSync(unix).map((python) => join(unix, python, "site-packages"));
}
