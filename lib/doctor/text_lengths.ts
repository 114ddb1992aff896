import { openTokenizer, readModelFolder } from "../sentiment/model_folder.ts";
import { prepareText } from "../sentiment/prepare.ts";

/** How texts go through the network together. */
export interface Batching {
  /** What goes together, 32 texts at most. */
  batches: string;
  /** Tokens that the network computes: those of the texts, and what fills up the shorter ones. */
  tokens: number;
  /** Share of them that only fills up, 0 to 1. */
  padding: number;
  /** Texts of a batch, on average. */
  textsPerBatch: number;
}

/** How many tokens the texts have. */
export interface TextLengths {
  texts: number;
  /** Tokens that the model looks at; the rest of a text is cut off. */
  maxTokens: number;
  /** Texts by the tokens that the model looks at; `tokens` is the upper end of each class of eight. */
  histogram: { tokens: number; texts: number }[];
  /** Tokens of the uncut texts. */
  median: number;
  /** Of a hundred texts, one is longer. */
  ninetyNinth: number;
  /** Share of the texts that the model does not see whole, 0 to 1. */
  cutShare: number;
  /** In order of arrival; sorted by length; equally long texts only, as the library does. */
  batching: { arrival: Batching; sorted: Batching; equal: Batching };
}

const batchTexts = 32;
const classTokens = 8;

/** The tokens of a text as a model sees it. */
export function tokenizerOf(model: string): (text: string) => number[] {
  const tokenizer = openTokenizer(model);
  return (text) => tokenizer.encode(prepareText(text)).ids;
}

/**
 * Counts the tokens of texts, and those that batches of them would cost.
 *
 * @param texts In the order of their arrival.
 * @param model Folder of the model.
 */
export function measureTextLengths(texts: readonly string[], model: string): TextLengths {
  const { maxTokens } = readModelFolder(model);
  const tokensOf = tokenizerOf(model);
  const lengths = texts.map((text) => tokensOf(text).length);
  const cut = lengths.map((length) => Math.min(length, maxTokens));
  const ascending = lengths.toSorted((a, b) => a - b);
  const quantile = (share: number) => ascending[Math.floor(share * (texts.length - 1))] ?? 0;
  return {
    texts: texts.length,
    maxTokens,
    histogram: histogramOf(cut),
    median: quantile(0.5),
    ninetyNinth: quantile(0.99),
    cutShare: lengths.filter((length) => length > maxTokens).length / Math.max(1, texts.length),
    batching: {
      arrival: batchingOf("in order of arrival", inBatches(cut)),
      sorted: batchingOf("sorted by length", inBatches(cut.toSorted((a, b) => a - b))),
      equal: batchingOf("of equal length", equalLengths(cut).flatMap(inBatches)),
    },
  };
}

function equalLengths(lengths: number[]): number[][] {
  return [...new Set(lengths)].map((length) => lengths.filter((other) => other === length));
}

function inBatches(lengths: number[]): number[][] {
  const batches: number[][] = [];
  for (let start = 0; start < lengths.length; start += batchTexts) {
    batches.push(lengths.slice(start, start + batchTexts));
  }
  return batches;
}

function batchingOf(batches: string, lengths: number[][]): Batching {
  const own = lengths.flat().reduce((sum, length) => sum + length, 0);
  const tokens = lengths.reduce((sum, batch) => sum + batch.length * Math.max(...batch), 0);
  return {
    batches,
    tokens,
    padding: tokens === 0 ? 0 : 1 - own / tokens,
    textsPerBatch: lengths.length === 0 ? 0 : lengths.flat().length / lengths.length,
  };
}

function histogramOf(lengths: number[]): TextLengths["histogram"] {
  const classes: number[] = [];
  for (const length of lengths) {
    const index = Math.ceil(length / classTokens) - 1;
    classes[index] = (classes[index] ?? 0) + 1;
  }
  // Array.from also visits the classes that no text is in.
  return Array.from(classes, (texts = 0, index) => ({ tokens: (index + 1) * classTokens, texts }));
}
