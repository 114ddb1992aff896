import assert from "node:assert/strict";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { hubOfEnvironment } from "../../lib/hub/hub.ts";

function withEndpoint(endpoint: string, test: () => void): void {
  const before = process.env.HF_ENDPOINT;
  process.env.HF_ENDPOINT = endpoint;
  try {
    test();
  } finally {
    if (before === undefined) delete process.env.HF_ENDPOINT;
    else process.env.HF_ENDPOINT = before;
  }
}

Deno.test("the hub is the one that HF_ENDPOINT names, or Hugging Face's", () => {
  withEndpoint("", () => assert.equal(hubOfEnvironment().endpoint, "https://huggingface.co"));
  for (const address of ["https://hub.example.org/a@b", "https://hub.example.org/a@b/"]) {
    withEndpoint(
      address,
      () => assert.equal(hubOfEnvironment().endpoint, "https://hub.example.org/a@b"),
    );
  }
});

Deno.test("a password in HF_ENDPOINT is refused, and not repeated", () => {
  for (const start of ["https://ann:pssst@", "https://pssst@", "ann:pssst@", "https//ann:pssst@"]) {
    withEndpoint(
      `${start}hub.example.org`,
      () =>
        assert.throws(hubOfEnvironment, ({ message }: Error) => {
          assert.match(
            message,
            /^the address of hub\.example\.org must not hold a user's name or password.*HF_TOKEN/,
          );
          assert.doesNotMatch(message, /pssst/);
          return true;
        }),
    );
  }
});

Deno.test("an HF_ENDPOINT that is no address is refused", () => {
  for (const endpoint of ["hub.example.org", "localhost:8000", "file:///hub"]) {
    withEndpoint(endpoint, () =>
      assert.throws(hubOfEnvironment, (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.match(error.message, /^HF_ENDPOINT must be an address that begins with http:/);
        return true;
      }));
  }
});
