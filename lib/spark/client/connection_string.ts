import { BirdsongError } from "../../errors.ts";

/** Where a Spark Connect server is, and how to speak to it. */
export interface Connection {
  host: string;
  port: number;
  /** Encrypt, and check the server's certificate. A token implies it, but on this machine. */
  useSsl: boolean;
  /** Sent as `authorization: Bearer ...`; never part of an error. */
  token: string | undefined;
  userId: string | undefined;
  /** A UUID; with it, a client goes on with a session that the server still knows. */
  sessionId: string | undefined;
  userAgent: string | undefined;
  /** All other parameters, which Spark's clients send as headers of every call. */
  headers: Readonly<Record<string, string>>;
}

const defaultPort = 15_002;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const shape = "sc://host:15002, with parameters such as sc://host:15002/;use_ssl=true;token=...";

/**
 * Reads a connection string of Spark Connect, such as
 * `sc://host:15002/;use_ssl=true;token=abc;user_id=ann`.
 *
 * See https://spark.apache.org/docs/latest/spark-connect-overview.html for its parts.
 *
 * @param environment Where Spark's clients look for a token that the string does not name.
 * @throws {BirdsongError} that says which part is wrong; a token is not quoted.
 */
export function parseConnectionString(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): Connection {
  const [, authority, path = ""] = /^sc:\/\/([^/;]*)(?:\/(.*))?$/s.exec(text.trim()) ?? [];
  if (!authority) throw invalid(`must be ${shape}`);
  const { host, port } = parseAuthority(authority);
  const { use_ssl, token, user_id, session_id, user_agent, ...headers } = parseParameters(path);
  if (use_ssl !== undefined && !/^(true|false)$/i.test(use_ssl)) {
    throw invalid("must have true or false for use_ssl");
  }
  if (session_id !== undefined && !uuid.test(session_id)) {
    throw invalid(`must have a UUID for session_id, but has "${session_id}"`);
  }
  const secret = token ?? (environment.SPARK_CONNECT_AUTHENTICATE_TOKEN?.trim() || undefined);
  // gRPC's own error would quote it.
  if (secret !== undefined && !/^[\x20-\x7e]*$/.test(secret)) {
    throw invalid("must have a token of printable ASCII characters");
  }
  return {
    host,
    port,
    useSsl: use_ssl === undefined
      ? secret !== undefined && !isLocal(host)
      : use_ssl.toLowerCase() === "true",
    token: secret,
    userId: user_id,
    sessionId: session_id,
    userAgent: user_agent,
    headers,
  };
}

/** The part of a connection string that may be shown: server and port. */
export function serverName({ host, port }: Pick<Connection, "host" | "port">): string {
  return `sc://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function parseAuthority(authority: string): { host: string; port: number } {
  const [, bracketed, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]@]+))(?::(\d{1,5}))?$/
    .exec(authority) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port < 1 || port > 65_535) {
    // What stands before an @ may be a password.
    const shown = authority.replace(/^.*@/s, "...@");
    throw invalid(`must name a host and a port from 1 to 65535, but has "${shown}"`);
  }
  return { host, port };
}

function parseParameters(path: string): Record<string, string> {
  if (path !== "" && !path.startsWith(";")) {
    throw invalid(`must be ${shape}, but has no ";" after the "/"`);
  }
  const parameters: Record<string, string> = {};
  for (const part of path.split(";").filter((part) => part !== "")) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(0, equals));
    if (!/^[a-z][a-z0-9_.-]*$/.test(name) || equals === part.length - 1) {
      throw invalid(`must have name=value for each parameter, but has "${name || "no name"}"`);
    }
    try {
      parameters[name] = decodeURIComponent(part.slice(equals + 1));
    } catch {
      throw invalid(`must have a URL-encoded value for "${name}"`);
    }
  }
  return parameters;
}

function invalid(rule: string): BirdsongError {
  return new BirdsongError(`the address of a Spark Connect server ${rule}`);
}
