import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Session } from "../../lib/streaming/session.ts";
import { commitSql, withFolder } from "../lakehouse/with_lake.ts";
import { runTiers, type Tweet, tweet, writeTweets } from "../tweets/tiers.ts";

/** Users as nobody would wish for them: what they are called must show, and do nothing. */
export const hostileUsers = [
  "<script>window.hacked = 1</script>",
  `"><img src=x onerror="window.hacked = 2">`,
  `' onmouseover='window.hacked = 3`,
  "two\nlines\tand a\u0000 zero",
  "\u202egnisrever",
  "<!-- </main> {{7*7}} ${7*7}",
  "long ".repeat(20_000),
  "🐦".repeat(200),
];

/** Tweets of three users and a dozen more, and more still of the hostile users. */
export const sampleTweets: Tweet[] = [
  ...Array.from({ length: 40 }, (_, i) =>
    tweet({
      user: ["ann", "bob", "cy"][i % 5 % 3],
      text: `${["@dee", "@eve @fay", "no one", "@guy"][i % 4]} says ${"a".repeat(i % 7)}`,
    })),
  ...Array.from({ length: 12 }, (_, i) => tweet({ user: `user${i}`, text: `@m${i} aaa` })),
  ...hostileUsers.flatMap((user, i) =>
    Array.from({ length: 30 - i }, () => tweet({ user, text: `@dee <b>${user.slice(0, 200)}</b>` }))
  ),
];

/** Runs a test on a lake with all four tables, and the folder that its tweets come from. */
export async function withTables(
  test: (session: Session, source: string) => Promise<void>,
): Promise<void> {
  made ??= makeTables();
  const original = await made;
  await withFolder(async (folder) => {
    cpSync(original, folder, { recursive: true });
    const session = await Session.open(join(folder, "lake"));
    try {
      await test(session, join(folder, "source"));
    } finally {
      await session.close();
    }
  });
}

/** The tables of the sample, made once: every test has a copy. */
let made: Promise<string> | undefined;

async function makeTables(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "birdsong-" });
  globalThis.addEventListener("unload", () => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, "source");
  mkdirSync(source);
  writeTweets(source, sampleTweets);
  const session = await Session.open(join(folder, "lake"));
  await runTiers(session, source, "application");
  await session.close();
  return folder;
}

/** Names that no tweet can have, put into the application table by hand. */
export async function addHostileMentions(session: Session): Promise<void> {
  for (const [i, name] of hostileUsers.entries()) {
    await commitSql(
      session.lake,
      `INSERT INTO application (mention, negative, neutral, positive, total)
       VALUES ('${name.replaceAll("'", "''").replaceAll("\0", "")}', ${900 - i}, 0, ${
        700 + i
      }, 1600)`,
    );
  }
}
