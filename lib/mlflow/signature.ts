import { InferenceSession } from "onnxruntime-node";
import { join } from "node:path";
import { BirdsongError, messageOf } from "../errors.ts";
import { openTokenizer } from "../sentiment/model_folder.ts";

/** MLflow's description of what a model takes and gives. */
export interface ModelSignature {
  /** Inputs and outputs as MLflow writes them: JSON in a string. */
  signature: { inputs: string; outputs: string };
  /** Inputs of the model for one text, by name: what `load_input_example` of Python returns. */
  inputExample: Record<string, number[][]>;
}

/** The text of the input example. */
const exampleText = "What a wonderful day!";

/**
 * Reads from the ONNX file which tensors a text classifier takes and gives, and makes an example with
 * its tokenizer.
 *
 * @throws {BirdsongError} when the file is no ONNX model, or the tokenizer cannot be read.
 */
export async function signatureOf(folder: string, onnxFile: string): Promise<ModelSignature> {
  const file = join(folder, onnxFile);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(file, { executionProviders: ["cpu"] });
  } catch (cause) {
    throw new BirdsongError(`${file} is no ONNX model that can be opened: ${messageOf(cause)}`, {
      cause,
      context: { file },
    });
  }
  const { inputMetadata, outputMetadata } = session;
  await session.release();
  const { ids } = openTokenizer(folder).encode(exampleText);
  const inputExample = Object.fromEntries(inputMetadata.map(({ name }) => [
    name,
    [name === "input_ids" ? ids : ids.map(() => name === "attention_mask" ? 1 : 0)],
  ]));
  return {
    signature: { inputs: specsOf(inputMetadata), outputs: specsOf(outputMetadata) },
    inputExample,
  };
}

function specsOf(tensors: readonly InferenceSession.ValueMetadata[]): string {
  return JSON.stringify(tensors.map((tensor) => ({
    name: tensor.name,
    type: "tensor",
    "tensor-spec": {
      dtype: tensor.isTensor ? tensor.type : "object",
      // What may be of any size (texts, tokens) has a name there, and is -1 here.
      shape: tensor.isTensor
        ? tensor.shape.map((size) => typeof size === "number" ? size : -1)
        : [],
    },
  })));
}
