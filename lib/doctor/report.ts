import type { ScorerOptions } from "../sentiment/open_scorer.ts";
import type { Finding } from "./finding.ts";
import type { Laboratory } from "./laboratory.ts";
import { measureSerialization, type SerializationMeasurement } from "./serialization.ts";
import { measureShuffle, type ShuffleMeasurement } from "./shuffle.ts";
import { measureSkew, type SkewMeasurement } from "./skew.ts";
import { measureSpill, type SpillMeasurement } from "./spill.ts";
import { measureStorage, type StorageMeasurement } from "./storage.ts";
import { judgeSerialization } from "./verdicts/serialization.ts";
import { judgeShuffle } from "./verdicts/shuffle.ts";
import { judgeSkew } from "./verdicts/skew.ts";
import { judgeSpill } from "./verdicts/spill.ts";
import { judgeStorage } from "./verdicts/storage.ts";

/** All that was measured of a lake. */
export interface Measurements {
  spill: SpillMeasurement;
  skew: SkewMeasurement;
  shuffle: ShuffleMeasurement;
  storage: StorageMeasurement;
  serialization: SerializationMeasurement;
}

/** Measures all five dimensions, one after the other, so that none disturbs another. */
export async function examine(
  lab: Laboratory,
  model: Pick<ScorerOptions, "model" | "provider">,
  onStep: (dimension: keyof Measurements) => void = () => {},
): Promise<Measurements> {
  onStep("spill");
  const spill = await measureSpill(lab);
  onStep("skew");
  const skew = await measureSkew(lab, model.model);
  onStep("shuffle");
  const shuffle = await measureShuffle(lab);
  onStep("storage");
  const storage = await measureStorage(lab);
  onStep("serialization");
  const serialization = await measureSerialization(lab, model);
  return { spill, skew, shuffle, storage, serialization };
}

/** What is thought of the measurements: one row a dimension. */
export function diagnose(measured: Measurements): Finding[] {
  return [
    judgeSpill(measured.spill),
    judgeSkew(measured.skew),
    judgeShuffle(measured.shuffle),
    judgeStorage(measured.storage),
    judgeSerialization(measured.serialization),
  ];
}
