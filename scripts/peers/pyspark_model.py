"""The model in Spark's Python workers, for pyspark_pipeline.py."""

import functools
import html
import json
import re
from pathlib import Path

import numpy as np
import onnxruntime
import tokenizers

BATCH_TOKENS = 1024


@functools.cache
def load(folder: str) -> "Model":
    """Loads the model once a Python worker."""
    return Model(Path(folder))


class Model:
    """A tokenizer, and a session of one thread."""

    def __init__(self, folder: Path) -> None:
        self.labels = [name.lower() for _, name in sorted(
            json.loads((folder / "config.json").read_text())["id2label"].items())]
        self.tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(folder / "onnx/model_int8.onnx"), options, providers=["CPUExecutionProvider"])
        self.inputs = [one.name for one in self.session.get_inputs()]

    def score(self, texts: list[str]) -> np.ndarray:
        """The probabilities of each text's classes. Texts of equal length share a batch, unpadded."""
        encoded = [one.ids for one in self.tokenizer.encode_batch([prepare(text) for text in texts])]
        result = np.zeros((len(texts), len(self.labels)))
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row]))
        at = 0
        while at < len(order):
            tokens = len(encoded[order[at]])
            most = max(1, BATCH_TOKENS // tokens)
            rows = [row for row in order[at:at + most] if len(encoded[row]) == tokens]
            ids = np.array([encoded[row] for row in rows], dtype=np.int64)
            feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids),
                     "token_type_ids": np.zeros_like(ids)}
            logits = self.session.run(None, {name: feeds[name] for name in self.inputs})[0]
            powers = np.exp(logits - logits.max(axis=1, keepdims=True))
            result[rows] = powers / powers.sum(axis=1, keepdims=True)
            at += len(rows)
        return result


def prepare(text: str) -> str:
    text = re.sub(r"\b(?:https?://|www\.)\S+", "http", html.unescape(text or ""), flags=re.I)
    return re.sub(r"\s+", " ", re.sub(r"(^|[^A-Za-z0-9_])(?:@[A-Za-z0-9_]+)+", r"\1@user", text)).strip()
