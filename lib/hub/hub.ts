import process from "node:process";
import { httpAddress } from "../http_address.ts";
import { parseValue } from "../parse_value.ts";
import { tokenOf } from "../token.ts";

/** A hub that speaks the protocol of the Hugging Face hub. */
export interface Hub {
  /** Its address, without `/` at the end. */
  endpoint: string;
  /** Sent to the hub itself, never to the store that it sends downloads to. */
  token?: string;
  /** Ask nobody: use what is in the cache. */
  offline: boolean;
}

/**
 * The hub that the environment names, with the variables of Hugging Face's own tools.
 *
 * @throws {BirdsongError} when `HF_ENDPOINT` is no address, or one with a password, or `HF_TOKEN`
 *   cannot be one.
 */
export function hubOfEnvironment(): Hub {
  const { HF_ENDPOINT, HF_HUB_OFFLINE = "" } = process.env;
  return {
    endpoint: endpointOf(HF_ENDPOINT || "https://huggingface.co"),
    token: tokenOf("HF_TOKEN"),
    offline: /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE),
  };
}

function endpointOf(text: string): string {
  const instead = "The hub's token goes into HF_TOKEN";
  return parseValue("HF_ENDPOINT", text, (text) => httpAddress(text, instead)).replace(/\/+$/, "");
}
