/**
 * How the text of a setting, from the environment or a notebook's cell, becomes its value. What
 * cannot be one is an error whose message is the rule, such as `a whole number of at least 1`;
 * `settings.ts` says which setting it is about. A BirdsongError is a whole sentence already.
 *
 * @module
 */
import { resolve } from "node:path";
import { BirdsongError } from "./errors.ts";
import { httpAddress as checkAddress } from "./http_address.ts";
import { parseModelUri } from "./mlflow/model_uri.ts";
import { projectRoot } from "./paths.ts";
import { absoluteModelName } from "./sentiment/model_name.ts";
import { parseConnectionString } from "./spark/client/connection_string.ts";
import { intervalOf, intervalRule } from "./streaming/triggers/trigger.ts";

/** An absolute path, without a `/` at its end, so that one folder has one name. */
export function folder(text: string): string {
  return resolve(projectRoot, text);
}

/** `embedded`, or the address of a Spark cluster, without a token. */
export function engine(text: string): string {
  if (text === "embedded") return text;
  // Settings are shown and recorded, and a text that is no address is repeated in the error.
  if (/(token|authorization)=/i.test(text)) {
    throw new BirdsongError(
      "BIRDSONG_ENGINE must not hold a token: settings are shown. Put it into the environment " +
        "variable SPARK_CONNECT_AUTHENTICATE_TOKEN.",
    );
  }
  if (!text.startsWith("sc://")) {
    throw new Error("embedded, or sc://host:15002 for a Spark cluster");
  }
  parseConnectionString(text);
  return text;
}

/** A name for a database. */
export function databaseName(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) throw new Error("a name of letters, digits and _");
  return text;
}

/** A whole number of at least 1, with at most nine digits. */
export function positiveInteger(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error("a whole number of at least 1");
  return Number(text);
}

/** Seconds, more than 0 and at most 10. */
export function secondsUpToTen(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 10)) throw new Error("a number of seconds up to 10");
  return seconds;
}

/** An interval in the words of a `processingTime` trigger: `1 second`. */
export function interval(text: string): string {
  try {
    intervalOf(text);
  } catch {
    throw new Error(intervalRule);
  }
  return text;
}

/** The name of a model; a folder becomes an absolute path. */
export function modelName(text: string): string {
  try {
    return absoluteModelName(text, projectRoot);
  } catch {
    throw new Error("a folder, models:/NAME@alias, models:/NAME/3 or owner/name of the hub");
  }
}

/** A model of MLflow's registry. */
export function registryModel(text: string): string {
  try {
    parseModelUri(text);
  } catch {
    throw new Error("a model of the registry, such as models:/NAME@alias or models:/NAME/3");
  }
  return text;
}

/** A port number. */
export function port(text: string): number {
  const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 65_535) throw new Error("a port number from 1 to 65535");
  return number;
}

/** A server's address, without a password. */
export function httpAddress(text: string): string {
  return checkAddress(
    text,
    "MLflow's go into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
  );
}

/** A switch, in any of the usual words. */
export function trueOrFalse(text: string): boolean {
  if (!/^(true|false|1|0|yes|no)$/i.test(text)) throw new Error("true or false");
  return /^(true|1|yes)$/i.test(text);
}

/** Reads one of these words. */
export function oneOf<T extends string>(allowed: readonly T[]): (text: string) => T {
  return (text) => {
    if (!allowed.includes(text as T)) throw new Error(`one of ${allowed.join(", ")}`);
    return text as T;
  };
}
