import process from "node:process";
import { messageOf } from "../../lib/errors.ts";
import { absoluteModelName } from "../../lib/sentiment/model_name.ts";
import { type Option, UsageError } from "./command.ts";

/** What `--help` says of `--model`. */
export const modelOption: Option = {
  value: "MODEL",
  help: "folder, models:/NAME@alias or owner/name of the hub (BIRDSONG_MODEL)",
};

/** A model given on the command line; a folder is relative to where the person typed it. */
export function modelArgument(text: string): string {
  try {
    return absoluteModelName(text, process.env.INIT_CWD ?? process.cwd());
  } catch (error) {
    throw new UsageError(`--model: ${messageOf(error)}`);
  }
}
