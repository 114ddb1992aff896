import assert from "node:assert/strict";
import { parseModelUri } from "../../lib/mlflow/model_uri.ts";

Deno.test("parseModelUri() reads every form", () => {
  const forms = {
    "models:/A_B@production": { name: "A_B", by: "alias", value: "production" },
    "models:/a b/3": { name: "a b", by: "version", value: "3" },
    "models:/A/latest": { name: "A", by: "latest", value: "" },
    "models:/A/LATEST": { name: "A", by: "latest", value: "" },
    "models:/A/Production": { name: "A", by: "stage", value: "Production" },
  };
  for (const [uri, expected] of Object.entries(forms)) {
    assert.deepEqual(parseModelUri(uri), expected);
  }
});

Deno.test("parseModelUri() refuses anything else", () => {
  for (const uri of ["", "data/model", "models:/A", "models:/A@", "models:/A/1/2", "models:/@x"]) {
    assert.throws(() => parseModelUri(uri), /models:\/NAME@alias/, uri);
  }
});
