import process from "node:process";
import { messageOf } from "../lib/errors.ts";
import { absoluteModelName } from "../lib/sentiment/model_name.ts";
import { UsageError } from "./command.ts";

/** A model given on the command line; a folder is relative to where the person typed it. */
export function modelArgument(text: string): string {
  try {
    return absoluteModelName(text, process.env.INIT_CWD ?? process.cwd());
  } catch (error) {
    throw new UsageError(`--model: ${messageOf(error)}`);
  }
}
