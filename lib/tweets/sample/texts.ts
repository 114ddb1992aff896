import { randomMention, type SampleSentiment } from "./accounts.ts";
import type { Random } from "./random.ts";
import { rates } from "./rates.ts";
import { closings, openings, sentences } from "./sentences.ts";
import { words } from "./words.ts";

/** Characters in a tweet of 2009. */
const longest = 140;

const emoticons: Record<SampleSentiment, string[]> = {
  negative: [":(", ":-(", ":'(", "=(", ":/", "D:"],
  neutral: [":-|", ":o", ":P"],
  positive: [":)", ":-)", ":D", ";)", "=)", "&lt;3", ":]"],
};
const emoji: Record<SampleSentiment, string[]> = {
  negative: ["😢", "😡", "💔", "👎🏽", "😩", "🤒", "☔️"],
  neutral: ["🚌", "📚", "👩‍🔬", "☕️", "🇬🇧", "🗓️"],
  positive: ["😀", "😍", "🎉", "❤️", "👍🏿", "👨‍👩‍👧", "☀️"],
};
const hashtags: Record<SampleSentiment, string[]> = {
  negative: ["#fail", "#monday", "#badluck", "#notfair", "#examseason"],
  neutral: ["#nowplaying", "#lunch", "#travel", "#reading", "#Northby09"],
  positive: ["#happy", "#sunshine", "#weekend", "#win", "#musicmonday"],
};
const entities = [" &amp; {food}", " &lt;{well}&gt;", " (&quot;{yay}&quot;)", " it&#39;s {hour}"];
const hostile = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "Robert'); DROP TABLE bronze;--",
  "' OR '1'='1",
  "${7*7} {{7*7}} %s %n",
  "\u202etxet desrever\u202c",
  "\u001b[31mred\u001b[0m \u0007",
  "zero\u200bwidth\ufeff e\u0301\u0323 ﷽",
  "| a | b |\n|---|---|\n[x](javascript:alert(1))",
];

/** The text of a tweet of at most 140 characters, made for one sentiment. */
export function randomText(random: Random, sentiment: SampleSentiment): string {
  if (random.chance(rates.onlyMentions)) return randomMentions(random, sentiment).join(" ") + " ";
  const mentions = random.chance(rates.mention) ? randomMentions(random, sentiment) : [];
  const sentence = () => styled(random, randomSentence(random, moodOfSentence(random, sentiment)));
  const texts = [sentence()];
  const lengthWith = (...more: string[]) => [...mentions, ...texts, ...more].join(" ").length;
  while (lengthWith() > longest) mentions.pop();
  const extras = randomExtras(random, sentiment).filter((extra) => lengthWith(extra) <= longest);
  for (const goal = random.below(longest) - 15; lengthWith(...extras) < goal;) {
    const next = sentence();
    if (lengthWith(...extras, next) > longest) break;
    texts.push(next);
  }
  while (lengthWith(...extras) > longest) extras.pop();
  // Most mentions stand first, as in an answer.
  const parts = random.chance(0.8) ? [...mentions, ...texts] : [...texts, ...mentions];
  return [...parts, ...extras].join(random.chance(rates.newline) ? "\n" : " ");
}

function randomMentions(random: Random, sentiment: SampleSentiment): string[] {
  const mention = () => {
    const name = randomMention(random, sentiment);
    return "@" + (random.chance(rates.otherCase) ? name.toUpperCase() : name);
  };
  const first = mention();
  if (random.chance(rates.mentionChain)) return [`(${first}${mention()})`];
  if (random.chance(rates.repeatedMention)) return [first, first.toUpperCase()];
  if (random.chance(rates.dottedMention)) return [`${first}.b`];
  if (!random.chance(rates.severalMentions)) return [first];
  return [first, ...Array.from({ length: 1 + random.below(3) }, mention)];
}

/** What may stand at the end of a tweet. */
function randomExtras(random: Random, sentiment: SampleSentiment): string[] {
  const number = random.below(100_000).toString(36);
  const extras: [number, () => string][] = [
    [rates.hostile, () => random.pick(hostile)],
    [rates.backslash, () => "C:\\temp\\new \\o/"],
    [rates.email, () => `mail me: ${number}@mail.example.org`],
    [rates.hashtag, () => random.pick(hashtags[sentiment])],
    [rates.link, () => `http://${random.pick(["pic", "go", "tiny"])}.example/${number}`],
    [rates.emoji, () => random.pick(emoji[sentiment])],
    [rates.emoticon, () => random.pick(emoticons[sentiment])],
  ];
  return extras.filter(([rate]) => random.chance(rate)).map(([, extra]) => extra());
}

/** People do not keep to one feeling: the sentiment of one sentence of a tweet. */
function moodOfSentence(random: Random, sentiment: SampleSentiment): SampleSentiment {
  if (random.chance(rates.contrarySentence)) {
    if (sentiment === "neutral") return random.pick(["negative", "positive"]);
    return sentiment === "negative" ? "positive" : "negative";
  }
  return random.chance(rates.neutralSentence) ? "neutral" : sentiment;
}

function randomSentence(random: Random, sentiment: SampleSentiment): string {
  const opening = random.chance(0.15) ? random.pick(openings[sentiment]) : "";
  const sentence = random.pick(sentences[sentiment]);
  const entity = random.chance(rates.entity) ? random.pick(entities) : "";
  const ending = sentence.endsWith("?") ? "" : random.pick(closings[sentiment]);
  return expand(random, opening + sentence + entity + ending);
}

/** Puts one of its words in place of every `{name}`. */
function expand(random: Random, template: string): string {
  return template.replace(/\{(\w+)\}/g, (_, name) => expand(random, random.pick(words[name])));
}

/** The sentence as one person would type it. */
function styled(random: Random, sentence: string): string {
  let text = random.chance(rates.lowerCase)
    ? sentence.toLowerCase()
    : sentence[0].toUpperCase() + sentence.slice(1);
  if (random.chance(rates.elongation)) {
    // Not in an entity, which a drawn-out letter would break.
    text = text.replace(
      /\b(so|no|really|love|good|bad|ugh|please|now|day)\b(?!;)/i,
      (word) => word + word[word.length - 1].repeat(2 + random.below(5)),
    );
  }
  if (random.chance(rates.quotation)) text = `"${text}"`;
  return text;
}
