import { BirdsongError } from "./errors.ts";

/**
 * Checks the address of a server. Settings and errors show it, so it must not hold a password.
 *
 * @param instead Where a password belongs, for the person.
 * @returns The address as it is.
 * @throws {BirdsongError} for a user's name or password, which is not repeated.
 * @throws {Error} with what it has to be, where it is no address.
 */
export function httpAddress(text: string, instead: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHttp = /^https?:$/.test(url?.protocol ?? "");
  // Before an @ in what is no address, as without its http://, a password may stand, too.
  if (isHttp ? url?.username || url?.password : text.includes("@")) {
    const host = isHttp ? url?.host : text.slice(text.lastIndexOf("@") + 1);
    throw new BirdsongError(
      `the address of ${host} must not hold a user's name or password: addresses are shown. ${instead}`,
    );
  }
  if (!isHttp) throw new Error("an address that begins with http:// or https://");
  return text;
}
