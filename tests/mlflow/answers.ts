/** A server that answers each request with the next of the responses, the last one again and again. */
export async function withAnswers(
  answers: [status: number, body: string][],
  action: (uri: string, count: () => number) => Promise<void>,
): Promise<void> {
  let count = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    const [status, body] = answers[Math.min(count++, answers.length - 1)];
    return new Response(body, { status });
  });
  try {
    await action(`http://127.0.0.1:${server.addr.port}`, () => count);
  } finally {
    await server.shutdown();
  }
}
