import { BirdsongError } from "../errors.ts";

/** What a registry URI asks for: an alias, a version, the newest version, or a stage. */
export interface ModelUri {
  name: string;
  by: "alias" | "version" | "latest" | "stage";
  /** The alias, the stage, or the version's number as text; empty for `latest`. */
  value: string;
}

/**
 * Reads `models:/NAME@alias`, `models:/NAME/3`, `models:/NAME/latest`, and the older form
 * `models:/NAME/production`, in which a stage stands where aliases do now.
 *
 * @throws {BirdsongError} if it is none of these.
 */
export function parseModelUri(uri: string): ModelUri {
  const match = /^models:\/+([^/@]+)(?:@([^/@]+)|\/([^/@]+))$/.exec(uri);
  if (!match) {
    throw new BirdsongError(
      `"${uri}" is no model of a registry: write models:/NAME@alias, models:/NAME/3 or ` +
        `models:/NAME/latest (such as models:/HF_TWEET_SENTIMENT@production)`,
      { context: { uri } },
    );
  }
  const [, name, alias, rest] = match;
  if (alias !== undefined) return { name, by: "alias", value: alias };
  if (/^[0-9]{1,9}$/.test(rest)) return { name, by: "version", value: rest };
  if (rest.toLowerCase() === "latest") return { name, by: "latest", value: "" };
  return { name, by: "stage", value: rest };
}
