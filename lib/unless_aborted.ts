/**
 * What `promise` becomes, unless the signal is aborted before. That ends the waiting only: what is
 * awaited goes on, unless it listens to the signal itself.
 *
 * @throws the signal's reason, as soon as it is aborted.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
