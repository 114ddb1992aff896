import assert from "node:assert/strict";
import process from "node:process";
import { BirdsongError } from "../../lib/errors.ts";
import { hubOfEnvironment } from "../../lib/hub/hub.ts";

function withVariable(name: string, value: string, test: () => void): void {
  const before = process.env[name];
  process.env[name] = value;
  try {
    test();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

const withEndpoint = (endpoint: string, test: () => void) =>
  withVariable("HF_ENDPOINT", endpoint, test);

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

Deno.test("HF_TOKEN is taken without the line break that its file ends with", () => {
  withVariable(
    "HF_TOKEN",
    "hf_pssst\r\n",
    () => assert.equal(hubOfEnvironment().token, "hf_pssst"),
  );
  withVariable("HF_TOKEN", " \n", () => assert.equal(hubOfEnvironment().token, undefined));
});

Deno.test("an HF_TOKEN that no header can carry is refused, and not repeated", () => {
  for (const token of ["hf_pssst\nhf_other", "hf_pssst\u200b", "hf_pssst\u0001x"]) {
    withVariable("HF_TOKEN", token, () =>
      assert.throws(hubOfEnvironment, (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.match(error.message, /^HF_TOKEN must be a token .* in one line/);
        assert.doesNotMatch(error.message, /pssst/);
        return true;
      }));
  }
});
