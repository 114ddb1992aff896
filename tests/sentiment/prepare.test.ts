import assert from "node:assert/strict";
import { prepareText } from "../../lib/sentiment/prepare.ts";

const examples: [string, string, string][] = [
  [
    "entities become characters, once",
    "a &amp;lt; b &quot;c&quot; &#39;&#x1F600;",
    'a &lt; b "c" \'😀',
  ],
  [
    "what is no entity stays",
    "AT&T &unknown; &#99999999; &#x110000; &amp",
    "AT&T &unknown; &#99999999; &#x110000; &amp",
  ],
  [
    "links become http",
    "see https://a.example/b?c=1, HTTP://B.example www.c.example",
    "see http http http",
  ],
  ["mentions become @user", "@ann (@bob@cy) me@home.org", "@user (@user) me@home.org"],
  ["whitespace collapses", " a\n\n\tb\u00a0 c ", "a b c"],
  ["lone surrogates are replaced", "a\ud800b 😀 \udc00 &#xD800;", "a\ufffdb 😀 \ufffd \ufffd"],
  ["nothing stays nothing", " \n ", ""],
];

for (const [name, text, prepared] of examples) {
  Deno.test(`before the model sees a text, ${name}`, () => {
    assert.equal(prepareText(text), prepared);
  });
}
