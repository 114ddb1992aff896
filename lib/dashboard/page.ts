import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { projectPath } from "../paths.ts";

/** A file beside this one that the page consists of. */
export function pageFile(name: "page.css" | "live.js"): string {
  return readFileSync(projectPath(`lib/dashboard/${name}`), "utf8");
}

// A bird as the icon, so that no browser asks for /favicon.ico.
const head = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Birdsong dashboard</title>
<link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><text y='13' font-size='13'>🐦</text></svg>">`;

/**
 * What the live page may do: nothing but load its own style sheet and script, and listen to its
 * own server. A tweet that became markup in spite of everything could neither run nor load anything.
 */
export const livePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; " +
  "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The live page, as it stands when it is asked for; its script keeps `content` up to date. */
export function livePage(content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
${head}
<link rel="stylesheet" href="page.css">
<script src="live.js" defer></script>
</head>
<body>
<header>
<h1>Birdsong dashboard</h1>
<p><span id="state" role="status">Shown as read once</span>
<button id="pause" type="button" aria-pressed="false" hidden>Pause</button></p>
</header>
<main>${content}</main>
</body>
</html>
`;
}

/** The page as one file that needs nothing else: no script, and its style sheet inside. */
export function filePage(content: string): string {
  const style = pageFile("page.css");
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; ` +
    "base-uri 'none'; form-action 'none'";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta http-equiv="Content-Security-Policy" content="${policy}">
${head}
<style>${style}</style>
</head>
<body>
<header>
<h1>Birdsong dashboard</h1>
</header>
<main>${content}</main>
</body>
</html>
`;
}
