import type { EngineSession } from "../streaming/engine.ts";

/** What scored gold, for the params of a run. */
export type GoldModel = Partial<
  Record<"scored_by" | "provider" | "model_file" | "model_sha256", string>
>;

const names = {
  scored_by: "model",
  provider: "provider",
  model_file: "modelFile",
  model_sha256: "modelSha256",
} as const;

/**
 * Which model scored gold up to a version, in which file and on which provider, as the progress
 * records of `gold_stream` say. Where batches differ, each value is named; nothing where gold was made
 * without a stream.
 */
export async function goldModelOf(
  session: EngineSession,
  goldVersion: number,
): Promise<GoldModel> {
  const { progress } = await session.originOf("gold", goldVersion);
  const model: GoldModel = {};
  for (const [param, metric] of Object.entries(names)) {
    const values = new Set(
      progress.map(({ observedMetrics }) => observedMetrics[metric] ?? "unknown"),
    );
    if (values.size > 0) model[param as keyof GoldModel] = [...values].join(", ");
  }
  return model;
}
