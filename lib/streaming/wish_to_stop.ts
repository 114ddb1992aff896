/**
 * Whether what ended a query is the wish to stop it: that ends a wait or a transform with an
 * AbortError, or with the reason given. Any other error is one, also when it came meanwhile.
 */
export function isWishToStop(thrown: unknown, { aborted, reason }: AbortSignal): boolean {
  return aborted && (thrown === reason || (thrown as Error)?.name === "AbortError");
}
