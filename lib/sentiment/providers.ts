/** An ONNX Runtime execution provider that the library can use. */
export type Provider = "cuda" | "webgpu" | "cpu";

/** How one provider is used. */
export interface ProviderUse {
  /** What it wants of the machine, for a person whose machine lacks it. */
  needs: string;
  /** The model files it takes, the best first, in the model folder. */
  modelFiles: readonly string[];
  /** Tokens that go through the network together, at most. */
  batchTokens: number;
  /** Characters of the texts that a worker takes at a time. */
  chunkCharacters: number;
  /**
   * Whether a text's numbers must be the same in any company. A stream that restarts cuts its batches
   * elsewhere, and must still write the same rows. A model file that does not keep to it gets its
   * texts one by one; GPUs compute anew what differs in the last digits.
   */
  exact: boolean;
  /** Threads that score at once; undefined for one per processor. */
  workers?: number;
}

const gpuFiles = ["onnx/model_fp16.onnx", "onnx/model.onnx", "model.onnx"];

// Two sessions: while one computes, the other one's thread makes tokens of the next texts.
const gpu = {
  modelFiles: gpuFiles,
  batchTokens: 16_384,
  chunkCharacters: 256_000,
  exact: false,
  workers: 2,
};

/** Every provider, in the order in which `auto` tries them. */
export const providers: Record<Provider, ProviderUse> = {
  cuda: {
    needs: "an NVIDIA GPU, its driver, and CUDA's libraries (`deno task gpu` fetches them)",
    ...gpu,
  },
  webgpu: {
    needs: "a GPU with a Vulkan, Metal or Direct3D 12 driver",
    ...gpu,
  },
  cpu: {
    needs: "nothing",
    modelFiles: [
      "onnx/model_int8.onnx",
      "onnx/model_quantized.onnx",
      "onnx/model.onnx",
      "model_quantized.onnx",
      "model.onnx",
    ],
    batchTokens: 1024,
    // Some tenths of a second of work: a call that is stopped ends within two of them.
    chunkCharacters: 24_000,
    exact: true,
  },
};

/** What a person may ask for: `auto`, or one provider. */
export const providerNames: readonly ("auto" | Provider)[] = [
  "auto",
  ...Object.keys(providers) as Provider[],
];
