/** Sample input: generated tweets, or rows of the Sentiment140 corpus, as many small JSON files. */
export { type GenerateOptions, generateTweets, type SampleTweet } from "./generate.ts";
export { rates } from "./rates.ts";
export { readSentiment140 } from "./sentiment140.ts";
export { type WriteOptions, writeTweetFiles, type Written } from "./write_files.ts";
