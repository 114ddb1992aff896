import type { EngineSession } from "../streaming/engine.ts";

/**
 * The version of silver that a version of gold was made of: not always the newest before it,
 * because silver may have grown while the batch was scored. Undefined where nobody knows.
 */
export async function silverVersionOf(
  session: EngineSession,
  goldVersion: number,
): Promise<number | undefined> {
  const { sourceVersion: read } = await session.originOf("gold", goldVersion);
  if (read === undefined) return undefined;
  const changes = (await session.history("silver"))
    .filter(({ version, operation }) => version <= read && operation !== "OPTIMIZE");
  // Where the change itself is forgotten, the version that was read still names the same rows.
  return changes[0]?.version ?? read;
}
