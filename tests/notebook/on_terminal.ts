import process from "node:process";

/** What is written to a terminal while `action` runs: each drawing of a bar, without its rate. */
export async function onTerminal(action: () => void | Promise<void>): Promise<string[]> {
  const { stderr } = process;
  const [isTTY, write] = [stderr.isTTY, stderr.write];
  const written: string[] = [];
  stderr.isTTY = true;
  stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    await action();
    // A bar's end is drawn behind the call.
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    stderr.isTTY = isTTY;
    stderr.write = write;
  }
  return written.map((text) => text.replaceAll("\r\u001b[K", "").replace(/ \|.*/, ""));
}
