import { type Provider, providerNames } from "../../lib/sentiment/providers.ts";
import { UsageError } from "./command.ts";

/** An execution provider given on the command line. */
export function providerArgument(text: string): "auto" | Provider {
  const provider = providerNames.find((name) => name === text);
  if (provider) return provider;
  throw new UsageError(`--provider must be one of ${providerNames.join(", ")}, but is "${text}"`);
}
