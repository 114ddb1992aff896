import process from "node:process";
import { BirdsongError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { literal } from "./sql_text.ts";

/** The environment variables of AWS's own tools. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Lets DuckDB read and write an object storage, with the credentials, region and endpoint that the
 * environment names as for AWS's own tools.
 *
 * @param storage `s3://bucket/prefix`
 * @throws {BirdsongError} when credentials are missing, or would travel unencrypted.
 */
export async function allowObjectStorage(
  connection: Connection,
  storage: string,
  environment: Environment = process.env,
): Promise<void> {
  const id = environment.AWS_ACCESS_KEY_ID;
  const secret = environment.AWS_SECRET_ACCESS_KEY;
  if (!id || !secret) {
    throw new BirdsongError(
      `${storage} needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ` +
        "(and AWS_ENDPOINT_URL_S3 for a storage that is not Amazon's)",
      { context: { storage } },
    );
  }
  const settings: Record<string, string> = {
    key_id: id,
    secret,
    region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "us-east-1",
    // Sent to this bucket only.
    scope: storage,
    ...endpointOf(environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL),
  };
  if (environment.AWS_SESSION_TOKEN) settings.session_token = environment.AWS_SESSION_TOKEN;
  const values = Object.entries(settings).map(([name, value]) => `${name} ${literal(value)}`);
  try {
    await connection.run(`CREATE SECRET lake_storage (TYPE s3, ${values.join(", ")})`);
  } catch {
    // Without DuckDB's message, which may quote the statement.
    throw new BirdsongError(`DuckDB does not take the credentials of ${storage}`);
  }
}

/** DuckDB's settings for an endpoint that is not Amazon's. */
function endpointOf(address: string | undefined): Record<string, string> {
  if (!address) return {};
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? "");
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && isLoopback)) {
    throw new BirdsongError(
      "the endpoint of the object storage (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL) must begin " +
        "with https://, or with http:// on this machine",
    );
  }
  return {
    endpoint: url.host + url.pathname.replace(/\/$/, ""),
    use_ssl: String(url.protocol === "https:"),
    // Servers other than Amazon's seldom have a name for each bucket.
    url_style: "path",
  };
}
