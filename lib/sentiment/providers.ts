/** An ONNX Runtime execution provider that the library can use. */
export type Provider = "cuda" | "webgpu" | "cpu";

/** How one provider is used. */
export interface ProviderUse {
  /** What it wants of the machine, for a person whose machine lacks it. */
  needs: string;
  /** The model files it takes, the best first, in the model folder. */
  modelFiles: readonly string[];
  /** Texts that go through the network together. */
  batch: number;
  /** Threads that score at once; undefined for one per processor. */
  workers?: number;
}

/**
 * Every provider, in the order in which `auto` tries them.
 *
 * On the CPU a text goes through the network alone. The int8 model quantizes activations by the
 * range of the whole batch, so in a batch of 16 a text's probabilities depended on its company: by
 * 0.02 on average and up to 0.3, with another label for one tweet in forty. A stream that restarts
 * cuts its batches elsewhere and must still write the same rows. It costs a quarter to a third of
 * the speed.
 */
export const providers: Record<Provider, ProviderUse> = {
  cuda: {
    needs: "an NVIDIA GPU with CUDA 12 and cuDNN 9, and onnxruntime-node's CUDA libraries",
    modelFiles: ["onnx/model_fp16.onnx", "onnx/model.onnx", "model.onnx"],
    batch: 256,
    workers: 1,
  },
  webgpu: {
    needs: "a GPU with a Vulkan, Metal or Direct3D 12 driver",
    modelFiles: ["onnx/model_fp16.onnx", "onnx/model.onnx", "model.onnx"],
    batch: 256,
    workers: 1,
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
    batch: 1,
  },
};
