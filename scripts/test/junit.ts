/** One test of a JUnit report. */
export interface TestCase {
  /** Name of the suite around it: Deno names the module there. */
  suite: string;
  name: string;
  outcome: "passed" | "failed" | "skipped";
}

const attributes = `((?:\\s+[\\w:.-]+\\s*=\\s*(?:"[^"]*"|'[^']*'))*)\\s*`;
const suiteOrCase = new RegExp(
  `<testsuite${attributes}/?>|<testcase${attributes}(?:/>|>([\\s\\S]*?)</testcase\\s*>)`,
  "g",
);

/**
 * The tests of a JUnit report, as Deno and pytest write it: elements `testcase` in `testsuite`, text
 * and attributes escaped. A test that lists a `failure` or an `error` failed.
 */
export function parseJunit(xml: string): TestCase[] {
  const cases: TestCase[] = [];
  let suite = "";
  // What a CDATA section or a comment holds is text, whatever it looks like.
  const markup = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->/g, "");
  for (const [element, ofSuite, ofCase, body] of markup.matchAll(suiteOrCase)) {
    if (element.startsWith("<testsuite")) {
      suite = nameIn(ofSuite);
    } else {
      cases.push({ suite, name: nameIn(ofCase), outcome: outcomeOf(body ?? "") });
    }
  }
  return cases;
}

function outcomeOf(body: string): TestCase["outcome"] {
  if (/<(failure|error)[\s/>]/.test(body)) return "failed";
  return /<skipped[\s/>]/.test(body) ? "skipped" : "passed";
}

function nameIn(attributes: string): string {
  const [, name = ""] = /\sname\s*=\s*["']([^"']*)/.exec(attributes) ?? [];
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return name.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity) => entities[entity]);
}
