import { type Provider, providers } from "../lib/sentiment/providers.ts";
import { UsageError } from "./command.ts";

/** What `--provider` takes. */
export const providerNames: string[] = ["auto", ...Object.keys(providers)];

/** An execution provider given on the command line. */
export function providerArgument(text: string): "auto" | Provider {
  if (providerNames.includes(text)) return text as "auto" | Provider;
  throw new UsageError(`--provider must be one of ${providerNames.join(", ")}, but is "${text}"`);
}
