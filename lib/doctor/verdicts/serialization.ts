import { type Finding, levelOf, type Threshold } from "../finding.ts";
import { number, percent } from "../format.ts";
import type { SerializationMeasurement, Transport } from "../serialization.ts";

/** Share of a text's time that is not the network. */
const packingShare: Threshold = { fair: 0.15, poor: 0.4 };

/** Where the time of one text goes, from silver's row to gold's, in seconds. */
export function timeOfText(
  measured: SerializationMeasurement,
): (Transport & { network: boolean })[] {
  const { out, threads, tokenizer, scorer } = measured;
  const inside = tokenizer.seconds + threads.texts.seconds + threads.transferred.seconds;
  const packing = [
    { how: "DuckDB to TypeScript", seconds: out.objects.seconds },
    { how: "texts to the worker", seconds: threads.texts.seconds },
    { how: "texts to tokens", seconds: tokenizer.seconds },
    { how: "probabilities back", seconds: threads.transferred.seconds },
    { how: "TypeScript to DuckDB", seconds: measured.in.chunks.seconds },
  ].map((step) => ({ ...step, network: false }));
  const network = Math.max(0, scorer.seconds - inside);
  return [...packing, { how: "the network", seconds: network, network: true }];
}

/** Says whether packing and unpacking takes a share of the time that matters. */
export function judgeSerialization(measured: SerializationMeasurement): Finding {
  const steps = timeOfText(measured);
  const all = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const packing = steps.filter(({ network }) => !network)
    .toSorted((a, b) => b.seconds - a.seconds);
  const packed = packing.reduce((sum, { seconds }) => sum + seconds, 0);
  const share = all === 0 ? 0 : packed / all;
  const verdict = levelOf(share, packingShare);
  const [most] = packing;
  return {
    dimension: "serialization",
    measured: `${number(1e6 * packed)} of a text's ${number(1e6 * all)} µs are packing ` +
      `(${percent(share)}); most of it is ${most.how}, ${number(1e6 * most.seconds)} µs`,
    verdict,
    advice: verdict === "good"
      ? `nothing to do: column chunks write ${number(inserts(measured))} times as fast as INSERTs`
      : most.how === "texts to tokens"
      ? "the network is so fast that tokens matter: score with more workers (openScorer), each " +
        "makes its own tokens"
      : `look at ${most.how}: take fewer columns, and column chunks instead of rows`,
  };
}

function inserts({ in: into }: SerializationMeasurement): number {
  return into.inserts.seconds / into.chunks.seconds;
}
