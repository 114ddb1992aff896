import { BirdsongError } from "../errors.ts";
import { explainCatalogError } from "./catalog_error.ts";
import { catalog } from "./catalog_tables.ts";
import type { Connection } from "./connection.ts";
import { explainDataFileError } from "./data_file_error.ts";
import type { LakeLocation } from "./location.ts";
import { explainStorageError } from "./storage_error.ts";

/**
 * Says what to do about an error that comes from a lake's disk, catalog or files.
 *
 * @param connect Gives a connection to look for the reason, which is closed again.
 * @returns undefined where the error has another reason, or is explained already.
 */
export async function explainError(
  error: unknown,
  location: LakeLocation,
  connect: () => Promise<Connection>,
): Promise<BirdsongError | undefined> {
  if (error instanceof BirdsongError) return undefined;
  const reason = explainStorageError(error, location.folder) ??
    explainCatalogError(error, location);
  if (reason) return reason;
  try {
    const connection = await connect();
    try {
      return await explainDataFileError(error, connection, location.dataPath) ??
        await explainLostServer(connection, location);
    } finally {
      connection.close();
    }
  } catch {
    // Looking for the reason has failed: the error stays as it is.
    return undefined;
  }
}

/** When the catalog's server goes away, DuckDB may call that anything: so it is asked again. */
async function explainLostServer(
  connection: Connection,
  location: LakeLocation,
): Promise<BirdsongError | undefined> {
  if (location.catalogFile) return undefined;
  try {
    await connection.rows(`FROM ${catalog}.ducklake_metadata`);
  } catch (error) {
    return explainCatalogError(error, location);
  }
}
