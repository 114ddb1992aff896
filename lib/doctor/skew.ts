import type { Connection } from "../lakehouse/connection.ts";
import type { Laboratory } from "./laboratory.ts";
import { measureTextLengths, type TextLengths } from "./text_lengths.ts";

/** Rows shared out to tasks by the hash of their key, as a shuffle does it. */
export interface TaskLoad {
  /** What was done to the keys. */
  keys: string;
  /** Rows of each task, the largest first. */
  rows: number[];
  /** The largest task's rows by the median task's: the others wait for it so much longer. */
  straggling: number;
}

/** How unevenly the mentions are shared out. */
export interface MentionSkew {
  /** Rows of gold with a mention. */
  rows: number;
  mentions: number;
  /** Who is mentioned most; null where nobody is. */
  top: string | null;
  /** Share of the rows that mention that person, 0 to 1; and of the top hundredth of all people. */
  topShare: number;
  topHundredthShare: number;
  /** Gini coefficient of rows per mention: 0 where all have equally many, near 1 where one has all. */
  gini: number;
  /** Lorenz curve in percent: so much of the mentions, the rarest first, has so much of the rows. */
  lorenz: { mentions: number; rows: number }[];
  /** The rows as they are; with one person in half of them; and that with heavy keys salted. */
  tasks: { asTheyAre: TaskLoad; worse: TaskLoad; better: TaskLoad };
}

/** What is shared out unevenly. */
export interface SkewMeasurement {
  mentions: MentionSkew;
  /** Rows of the batches that each stream has taken. */
  batches: { stream: string; batches: number; least: number; median: number; most: number }[];
  lengths: TextLengths;
}

/** Tasks that the rows are shared out to. */
export const tasks = 8;

/** 256 keys instead of one, whether the rows are every other one or not. */
const salt = " || (row % 512)";
/** Stands for a person; no mention has a bracket. */
const everyone = "(everyone)";

/**
 * Measures how unevenly rows are spread over mentions, rows over batches, and tokens over texts.
 *
 * @param model Folder of the model whose tokens are counted.
 */
export async function measureSkew(lab: Laboratory, model: string): Promise<SkewMeasurement> {
  return {
    mentions: await lab.experiment({}, (connection) => mentionSkew(lab, connection)),
    batches: batchSkew(lab),
    lengths: measureTextLengths(await lab.texts(), model),
  };
}

async function mentionSkew(lab: Laboratory, connection: Connection): Promise<MentionSkew> {
  await connection.run(
    `CREATE TEMP TABLE counted AS
     SELECT mention, n, row_number() OVER (ORDER BY n, mention) AS place
     FROM (SELECT mention, count(*) AS n FROM ${lab.relation("mentions")} GROUP BY mention)`,
  );
  const all = (await connection.row(
    `SELECT count(*) AS mentions, coalesce(sum(n), 0)::BIGINT AS rows,
       max_by(mention, place) AS top, coalesce(max(n) / sum(n), 0) AS "topShare",
       coalesce(2 * sum(place * n) / (count(*) * sum(n)) - (count(*) + 1) / count(*), 0) AS gini,
       coalesce(sum(n) FILTER (WHERE place > (SELECT count(*) FROM temp.counted) * 0.99) / sum(n), 0)
         AS "topHundredthShare"
     FROM temp.counted`,
  ))!;
  const curve = await connection.rows(
    `SELECT 100 * max(place) / $mentions::DOUBLE AS mentions, sum(sum(n)) OVER (ORDER BY part)
       * 100 / $rows::DOUBLE AS rows
     FROM (SELECT *, ntile(50) OVER (ORDER BY place) AS part FROM temp.counted)
     GROUP BY part ORDER BY part`,
    { mentions: all.mentions, rows: all.rows },
  );
  return {
    ...all as Pick<MentionSkew, "rows" | "mentions" | "top" | "topShare" | "topHundredthShare">,
    gini: Math.max(0, all.gini),
    lorenz: [{ mentions: 0, rows: 0 }, ...curve as MentionSkew["lorenz"]],
    tasks: {
      asTheyAre: await shareOut(lab, connection, "as they are", "mention"),
      worse: await shareOut(lab, connection, "one person in half of them", oneInHalf("")),
      // The parts of a salted key are added up in a second step.
      better: await shareOut(lab, connection, "heavy keys salted", oneInHalf(salt)),
    },
  };
}

/** The mention, but in every other row one and the same; `salt` parts the rows of heavy keys. */
function oneInHalf(salt: string): string {
  return `CASE WHEN row % 2 = 0 THEN '${everyone}'${salt}
    WHEN mention IN (SELECT mention FROM temp.counted
                     WHERE n * ${2 * tasks} > (SELECT sum(n) FROM temp.counted)) THEN mention${salt}
    ELSE mention END`;
}

/** Rows per task when each row goes to the task that its key's hash says. */
async function shareOut(
  lab: Laboratory,
  connection: Connection,
  keys: string,
  key: string,
): Promise<TaskLoad> {
  const counted = await connection.rows(
    `SELECT (hash(${key}) % ${tasks})::INTEGER AS task, count(*) AS n
     FROM (SELECT mention, file_row_number AS row FROM ${lab.numbered("mentions")})
     GROUP BY task`,
  );
  const rows = Array<number>(tasks).fill(0);
  for (const { task, n } of counted) rows[task] = n;
  rows.sort((a, b) => b - a);
  return { keys, rows, straggling: rows[0] / Math.max(1, rows[tasks / 2]) };
}

function batchSkew(lab: Laboratory): SkewMeasurement["batches"] {
  const streams = [...new Set(lab.facts.batches.map(({ stream }) => stream))];
  return streams.map((stream) => {
    const rows = lab.facts.batches.filter((batch) => batch.stream === stream)
      .map(({ inputRows }) => inputRows).sort((a, b) => a - b);
    const median = rows[Math.floor(rows.length / 2)];
    return { stream, batches: rows.length, least: rows[0], median, most: rows.at(-1)! };
  });
}
