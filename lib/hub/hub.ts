import process from "node:process";

/** A hub that speaks the protocol of the Hugging Face hub. */
export interface Hub {
  /** Its address, without `/` at the end. */
  endpoint: string;
  /** Sent to the hub itself, never to the store that it sends downloads to. */
  token?: string;
  /** Ask nobody: use what is in the cache. */
  offline: boolean;
}

/** The hub that the environment names, with the variables of Hugging Face's own tools. */
export function hubOfEnvironment(): Hub {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE = "" } = process.env;
  return {
    endpoint: (HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
    token: HF_TOKEN || undefined,
    offline: /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE),
  };
}
