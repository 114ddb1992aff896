"""The model folder, in Hugging Face layout: what `deno task score --model` opens."""

import json
from pathlib import Path
from random import Random

import numpy as np
import onnx

from batches import batches, encoder_of
from graph import MAX_POSITIONS, sentiment_graph
from prepare import clean_text, prepare_text
from quantize import integer_linear, measure_ranges, session_of
from tweets import Tweet

NAMES = ("NEG", "NEU", "POS")


def scored_texts(tweets: list[Tweet]) -> list[str]:
    """What the pipeline scores: texts without mentions."""
    return [prepare_text(clean_text(tweet.text)) for tweet in tweets]


def logits_of(model, tokenizer: dict, texts: list[str]) -> np.ndarray:
    """What an ONNX model, or the path of its file, makes of prepared texts."""
    session = session_of(model)
    logits = np.zeros((len(texts), len(NAMES)), np.float32)
    for places, ids in batches(texts, encoder_of(tokenizer), 16, Random(0)):
        [logits[places]] = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return logits


def integer_model(weights: dict, heads: int, tokenizer: dict, tweets: list[Tweet]) -> onnx.ModelProto:
    """The model in 8-bit integers, with ranges measured on some of the tweets."""
    texts = scored_texts(Random(0).sample(tweets, min(500, len(tweets))))
    measured = batches([text for text in texts if text], encoder_of(tokenizer), 16, Random(0))
    ranges = measure_ranges(weights, heads, [ids for _, ids in measured])
    return sentiment_graph(weights, heads, integer_linear(ranges))


def write_folder(
    folder: Path, base: Path, layers: int, tokenizer: dict, models: dict[str, onnx.ModelProto], card: str
) -> None:
    """Writes the models by file name, the tokenizer, the configuration and the model card."""
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    for name, model in models.items():
        onnx.checker.check_model(model)
        onnx.save(model, folder / "onnx" / name)
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    # No class of transformers has this head on this pooling: the ONNX file is the model.
    for name in ("_name_or_path", "architectures"):
        config.pop(name, None)
    config |= {
        "num_hidden_layers": layers,
        "max_position_embeddings": MAX_POSITIONS,
        "id2label": dict(enumerate(NAMES)),
        "label2id": {name: number for number, name in enumerate(NAMES)},
    }
    _write_json(folder / "config.json", config)
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": MAX_POSITIONS}
    _write_json(folder / "tokenizer_config.json", settings)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")


def _write_json(file: Path, value: dict) -> None:
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
