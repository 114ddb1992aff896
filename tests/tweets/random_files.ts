// Folders of good and bad files by chance, with what must become of each of their records.
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { rawTweet } from "../../lib/tweets/bronze.ts";

/** Files come in two rounds. */
export const rounds = [0, 1] as const;

/** What must become of one record of a file. */
export interface ExpectedRecord {
  /** Line of its file, or place in its array. */
  line: number;
  corrupt: boolean;
  /** Whether a part of it has no place in the schema. */
  rescued: boolean;
  /** Its text as a column holds it; null where it has none. */
  text: string | null;
}

/** A file with its content and what must become of it. */
export interface RandomFile {
  path: string;
  bytes: Uint8Array;
  /** Whether it cannot be unpacked. */
  corrupt: boolean;
  records: ExpectedRecord[];
  /** The round in which it is finished. */
  round: number;
  /** Its first bytes, where they stand there one round before. It must be left alone then. */
  unfinished: Uint8Array | null;
  /** For a person who reads a counterexample. */
  [fc.toStringMethod](): string;
}

/** A line, or an element of an array. */
interface RandomRecord extends Omit<ExpectedRecord, "line"> {
  bytes: Uint8Array;
}

const hostile = [
  `<script>alert("1")</script>`,
  `'); DROP TABLE bronze;--`,
  "a\nb\r\n\u2028",
  "half \ud83d",
  "\u0000\u202e",
  "x".repeat(10_000),
];

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary" }) },
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom("@ann", "@Bob", "me@home", " ", "@", "é")).map((a) =>
      a.join("")
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...hostile) },
);

const anyValue = fc.oneof(anyText, fc.jsonValue({ maxDepth: 1 }));

/** A JSON object with some of a tweet's fields, of the right type or not, and perhaps others. */
const objects: fc.Arbitrary<RandomRecord> = fc.record(
  {
    date: anyText,
    user: anyText,
    sentiment: anyText,
    text: anyValue,
    more: fc.dictionary(anyText, anyValue, { maxKeys: 2 }),
  },
  { requiredKeys: [] },
).map(({ more = {}, ...fields }) => {
  const object = { ...more, ...fields };
  const entries = Object.entries(object);
  const fits = ([name, value]: [string, unknown]) =>
    Object.hasOwn(rawTweet, name) &&
    (value === null || typeof value === "string" && value.isWellFormed());
  const text = Object.hasOwn(object, "text") && typeof object.text === "string"
    ? object.text
    : null;
  return {
    bytes: Buffer.from(JSON.stringify(object)),
    corrupt: false,
    rescued: !entries.every(fits),
    text: text?.toWellFormed() ?? null,
  };
});

const corrupt = (text: string | Uint8Array): RandomRecord => ({
  bytes: Buffer.from(text as string),
  corrupt: true,
  rescued: false,
  text: null,
});

const corruptLines = fc.oneof(
  fc.constantFrom("no JSON", "{'text': 1}", "null", "7", '"text"', "[1, {", "<html>").map(corrupt),
  objects.map(({ bytes }) => corrupt(bytes.subarray(0, -1))),
  // A byte that no UTF-8 has, within what would be a tweet.
  objects.map(({ bytes }) =>
    corrupt(Buffer.concat([Buffer.from('{"\xff":1,', "latin1"), bytes.subarray(1)]))
  ),
);

interface Content {
  bytes: Uint8Array;
  records: ExpectedRecord[];
  /** Whether each part of it says that it is not the whole. */
  indivisible: boolean;
}

/** One record a line, with blank lines between them, and perhaps a byte order mark. */
const lineFiles: fc.Arbitrary<Content> = fc.record({
  lines: fc.array(
    fc.oneof({ weight: 4, arbitrary: objects }, { weight: 2, arbitrary: corruptLines }, {
      weight: 1,
      arbitrary: fc.constant(null),
    }),
    { maxLength: 8 },
  ),
  mark: fc.constantFrom("", "", "", "\ufeff"),
  newline: fc.constantFrom("\n", "\n", "\r\n"),
  atEnd: fc.boolean(),
}).map(({ lines, mark, newline, atEnd }) => ({
  bytes: Buffer.concat([
    Buffer.from(mark),
    ...lines.flatMap((line, index) => [
      line?.bytes ?? Buffer.from(" "),
      Buffer.from(index < lines.length - 1 || atEnd ? newline : ""),
    ]),
  ]),
  records: numbered(lines),
  indivisible: false,
}));

/** One array, on one line or on many. */
const arrayFiles: fc.Arbitrary<Content> = fc.record({
  elements: fc.array(
    fc.oneof({ weight: 4, arbitrary: objects }, {
      weight: 1,
      arbitrary: fc.constantFrom("null", "7", "[{}]").map(corrupt),
    }),
    {
      maxLength: 8,
    },
  ),
  indent: fc.constantFrom(0, 2),
}).map(({ elements, indent }) => {
  const values = elements.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()));
  return {
    bytes: Buffer.from(JSON.stringify(values, null, indent)),
    records: numbered(elements),
    indivisible: true,
  };
});

const objectFiles: fc.Arbitrary<Content> = objects.map((object) => ({
  bytes: Buffer.from(JSON.stringify(JSON.parse(Buffer.from(object.bytes).toString()), null, 2)),
  records: numbered([object]),
  indivisible: true,
}));

/** A folder's or file's name. */
const names = fc.oneof(
  fc.constantFrom("a b", `it's "x"`, "new\nline", "ünï-😀", "%41", "a\\b", "x.json"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map((name) =>
    name.replaceAll("/", "+").replaceAll("\u0000", "0")
  ),
).map((name) => `n${name}`);

/** A file of any kind; its number makes its path its own. */
function file(number: number): fc.Arbitrary<RandomFile> {
  return fc.record({
    folders: fc.array(names, { maxLength: 2 }),
    name: names,
    ending: fc.constantFrom("json", "jsonl", "ndjson", "JSON"),
    content: fc.oneof({ weight: 4, arbitrary: lineFiles }, { weight: 1, arbitrary: arrayFiles }, {
      weight: 1,
      arbitrary: objectFiles,
    }),
    packed: fc.constantFrom("no", "no", "no", "yes", "broken"),
    round: fc.nat({ max: 1 }),
    part: fc.option(fc.double({ min: 0, max: 0.99, noNaN: true })),
  }).map(({ folders, name, ending, content, packed, round, part }) => {
    const path = [...folders, `${name}-${number}.${ending}${packed === "no" ? "" : ".gz"}`].join(
      "/",
    );
    const packedBytes = packed === "no" ? content.bytes : gzipSync(content.bytes);
    const corrupt = packed === "broken";
    const bytes = corrupt ? packedBytes.subarray(0, -1) : packedBytes;
    const divided = part !== null && (content.indivisible || packed !== "no");
    return {
      path,
      bytes,
      corrupt,
      records: corrupt ? [] : content.records,
      round,
      unfinished: divided ? bytes.subarray(0, Math.floor(part * bytes.length)) : null,
      [fc.toStringMethod]: () =>
        `${JSON.stringify(path)} (round ${round}${divided ? `, ${part} of it before` : ""}): ` +
        JSON.stringify(Buffer.from(content.bytes).toString()),
    };
  });
}

function numbered(records: (RandomRecord | null)[]): ExpectedRecord[] {
  return records.flatMap((record, index) => {
    if (record === null) return [];
    const { corrupt, rescued, text } = record;
    return [{ line: index + 1, corrupt, rescued, text }];
  });
}

/** Up to eight files, in two rounds. */
export const randomFolder: fc.Arbitrary<RandomFile[]> = fc.tuple(
  ...Array.from({ length: 8 }, (_, number) => fc.option(file(number), { nil: undefined })),
).map((files) => files.filter((file) => file !== undefined));
