import assert from "node:assert/strict";
import { describeSettings } from "../../lib/notebook/describe_settings.ts";
import { parameters } from "../../lib/settings.ts";

Deno.test("every setting is described once, with the value in force", () => {
  const settings = parameters({ neutralAs: "negative" });
  const described = describeSettings(settings);
  assert.deepEqual(described.map(({ setting }) => setting), Object.keys(settings));
  const { value, environment, meaning } = described.find(({ setting }) => setting === "neutralAs")!;
  assert.deepEqual([value, environment], ["negative", "BIRDSONG_NEUTRAL_AS"]);
  assert.match(meaning, /neutral tweet/);
});
