import { projectPath, projectRoot } from "../../lib/paths.ts";

/** What a command of `scripts/` left behind. */
export interface ScriptEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** The process of a command in `scripts/`, with pipes for its output. */
export function startScript(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", projectPath(`scripts/${name}.ts`), ...args],
    cwd: projectRoot,
    // A score that was kept would hide what the model says now.
    env: { NO_COLOR: "1", BIRDSONG_SCORE_CACHE: "false", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a command of `scripts/` to its end. */
export async function runScript(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  const { code, stdout, stderr } = await startScript(name, args, env).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Starts a command, ends it with a signal as soon as it has said `text` on standard error. */
export async function endScript(
  signal: Deno.Signal,
  text: string,
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<number> {
  const script = startScript(name, args, env);
  const quiet = script.stdout.cancel();
  let said = "";
  for await (const words of script.stderr.pipeThrough(new TextDecoderStream())) {
    const before = said.includes(text);
    said += words;
    if (!before && said.includes(text)) script.kill(signal);
  }
  await quiet;
  return (await script.status).code;
}
