/** The largest chunk is so many times the smallest; in smaller ones few texts are equally long. */
const range = 12;

/**
 * Shares texts out in chunks, for workers that take one after the other. Long texts come first and
 * chunks get smaller towards the end, so that the workers finish together; texts of about the same
 * length share a chunk, so that many of them have equally many tokens.
 *
 * @param most Characters of a chunk at most; a longer text is one of its own.
 */
export function chunksOf(texts: readonly string[], most: number, workers: number): string[][] {
  const chunks: string[][] = [];
  let left = texts.reduce((sum, text) => sum + text.length, 0);
  let room = 0;
  for (const text of texts.toSorted((a, b) => b.length - a.length)) {
    if (room < text.length) {
      chunks.push([]);
      room = Math.min(most, Math.max(most / range, left / (2 * workers)));
    }
    chunks.at(-1)!.push(text);
    room -= text.length;
    left -= text.length;
  }
  return chunks;
}
