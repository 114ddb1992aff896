import { parseArgs } from "node:util";
import { resolve } from "node:path";
import process from "node:process";
import { BirdsongError, messageOf } from "../../lib/errors.ts";

/** One option of a command, as `--help` shows it. */
export interface Option {
  /** What follows the option's name, such as `DIR`; absent for a switch. */
  value?: string;
  /** What it does, with its default. */
  help: string;
  required?: boolean;
}

/** What a command is called with: options by name, and the rest of the line. */
export interface Arguments {
  options: Record<string, string | undefined>;
  switches: Set<string>;
  positionals: string[];
}

/** A command of `deno task`. */
export interface Command {
  /** Its name behind `deno task`. */
  name: string;
  /** What follows the options, for the usage line, such as `"select ..."`. */
  positionals?: string;
  summary: string;
  options: Record<string, Option>;
  /** Returns the exit code; nothing means 0. */
  run(args: Arguments): Promise<number | void>;
}

/** A mistake in how the command was called: exit code 2. */
export class UsageError extends BirdsongError {
  override name = "UsageError";
}

/**
 * Runs a command and ends the process: 0 when it succeeded, 1 when it failed, 2 when it was called
 * wrongly. Results go to standard output; progress and errors go to standard error.
 */
export async function main(command: Command): Promise<never> {
  let code: number;
  try {
    const args = parse(command, process.argv.slice(2));
    code = args === "help" ? (console.log(helpOf(command)), 0) : (await command.run(args)) ?? 0;
  } catch (error) {
    const usage = error instanceof UsageError;
    console.error(`${command.name}: ${messageOf(error)}`);
    if (usage) console.error(`See: deno task ${command.name} --help`);
    if (!(error instanceof BirdsongError)) console.error(error);
    code = usage ? 2 : 1;
  }
  process.exit(code);
}

/** A path given on the command line, relative to where the person typed it. */
export function pathArgument(path: string): string {
  // `deno task` runs in the project's folder and leaves the caller's in INIT_CWD.
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** A whole number of at least `least` given on the command line. */
export function integerArgument(name: string, text: string, least = 1): number {
  if (!/^[0-9]{1,12}$/.test(text) || Number(text) < least) {
    throw new UsageError(`--${name} must be a whole number of at least ${least}, but is "${text}"`);
  }
  return Number(text);
}

/** The port given with `--port`. */
export function portArgument(text: string): number {
  const port = integerArgument("port", text);
  if (port <= 65_535) return port;
  throw new UsageError(`--port must be at most 65535, but is ${port}`);
}

function parse(command: Command, argv: string[]): Arguments | "help" {
  const definitions = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [
      name,
      { type: option.value ? "string" as const : "boolean" as const },
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      options: { ...definitions, help: { type: "boolean", short: "h" } },
      allowPositionals: command.positionals !== undefined,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  if (parsed.values.help) return "help";
  const options: Arguments["options"] = {};
  const switches = new Set<string>();
  for (const [name, value] of Object.entries(parsed.values)) {
    if (typeof value === "string") options[name] = value;
    else if (value) switches.add(name);
  }
  for (const [name, option] of Object.entries(command.options)) {
    if (option.required && options[name] === undefined) {
      throw new UsageError(`--${name} ${option.value} is required`);
    }
  }
  return { options, switches, positionals: parsed.positionals };
}

function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, help: { help: "show this text" } as Option })
    .map(([name, option]) =>
      [`--${name}${option.value ? ` ${option.value}` : ""}`, option] as const
    );
  const width = Math.max(...rows.map(([left]) => left.length));
  const positionals = command.positionals ? ` ${command.positionals}` : "";
  return [
    `Usage: deno task ${command.name} [options]${positionals}`,
    "",
    command.summary,
    "",
    ...rows.map(([left, option]) =>
      `  ${left.padEnd(width)}  ${option.help}${option.required ? " (required)" : ""}`
    ),
  ].join("\n");
}
