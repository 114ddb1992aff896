import { createReadStream } from "node:fs";
import process from "node:process";
import { BirdsongError, messageOf } from "../../lib/errors.ts";

/** One line of JSON lines. Numbers are kept as they were written. */
export type Tweet = Record<string, unknown> & { text: string };

/**
 * The objects of a file of JSON lines, in order; blank lines are skipped.
 *
 * @param file `-` for standard input.
 * @throws {BirdsongError} with file and line, for a line that is no JSON object with a string `text`.
 */
export async function* readTweets(file: string): AsyncGenerator<Tweet> {
  const name = file === "-" ? "standard input" : file;
  let number = 0;
  try {
    for await (const line of readLines(file)) {
      number++;
      if (line.trim() !== "") yield parseTweet(line);
    }
  } catch (error) {
    const where = number === 0 ? name : `${name}, line ${number}`;
    throw new BirdsongError(`${where}: ${messageOf(error)}`, {
      cause: error,
      context: { file: name, line: number },
    });
  }
}

// node:readline would also break lines at U+2028, which JSON strings may hold.
async function* readLines(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new Error("the file, from here on, is no UTF-8 text", { cause });
    }
  };
  let rest = "";
  for await (const bytes of file === "-" ? process.stdin : createReadStream(file)) {
    const lines = decode(bytes).split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest + decode();
}

function parseTweet(line: string): Tweet {
  if (!line.trimStart().startsWith("{")) throw new Error("is no JSON object");
  const tweet = JSON.parse(line, asWritten);
  if (typeof tweet.text !== "string") throw new Error('has no string "text"');
  return tweet;
}

// A number such as 1467810369123456789 or 1.0 would not come back as it was written.
function asWritten(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(source: string): unknown };
  return typeof value === "number" ? rawJSON(source!) : value;
}
