import assert from "node:assert/strict";
import { escapeHtml, printable, shorten } from "../../lib/notebook/escape.ts";

Deno.test("escapeHtml() leaves nothing that could end text or an attribute", () => {
  assert.equal(
    escapeHtml(`<script>alert("1")</script> & 'x'`),
    "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;",
  );
});

Deno.test("escapeHtml() replaces half a surrogate pair and keeps emoji", () => {
  assert.equal(escapeHtml("a\ud83d b 😀"), "a\ufffd b 😀");
});

Deno.test("printable() keeps text on one line and terminal escapes out of it", () => {
  assert.equal(printable("a\r\nb\nc\td\u001b[31m\u0000\u2028"), "a↵b↵c d\ufffd[31m\ufffd↵");
});

Deno.test("shorten() keeps what fits, and cuts between characters", () => {
  assert.equal(shorten("abcde", 5), "abcde");
  assert.equal(shorten("abcdef", 5), "abcd…");
  assert.equal(shorten("😀😀😀😀😀", 5), "😀😀😀😀😀");
  assert.equal(shorten("😀😀😀😀😀😀", 5), "😀😀😀😀…");
  assert.equal(shorten("x".repeat(100_000), 10), "xxxxxxxxx…");
});
