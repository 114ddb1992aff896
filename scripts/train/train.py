"""Labelled tweets to a model folder: fine-tune, quantize, calibrate, evaluate, describe."""

import argparse
from pathlib import Path

import numpy as np
import torch

from base import downloaded_base
from card import Figures, model_card
from folder import integer_model, logits_of, scored_texts, write_folder
from graph import sentiment_graph
from learn import KEPT_LAYERS, learn
from measures import calibration_error, cross_fitted, joined, macro_recall, recalls, temperature
from network import base_model
from tweets import read_tweets


def main() -> None:
    options = arguments()
    base = downloaded_base(options.base)
    tweets, dev = read_tweets(options.train), read_tweets(options.dev)
    model, tokenizer = base_model(base)
    heads = model.encoder.config.num_attention_heads
    saved = options.out / "weights.pt"
    if saved.exists():
        print(f"taking the weights in {saved}")
        weights = torch.load(saved)
    else:
        weights = learn(tweets, base, options.seed)
        options.out.mkdir(parents=True, exist_ok=True)
        torch.save(weights, saved)  # an hour's work: what follows may be repeated without it
    weights = {name: value.numpy() for name, value in weights.items()}

    texts, labels = scored_texts(dev), np.array([tweet.label for tweet in dev])
    original = logits_of(sentiment_graph(weights, heads), tokenizer, texts)
    logits = logits_of(integer_model(weights, heads, tokenizer, tweets), tokenizer, texts)
    folds = [joined([np.load(file) for file in options.folds.glob("fold*.npz")])] if options.folds else []
    divisor = temperature((logits, labels), *folds)
    weights["head.weight"] /= divisor
    weights["head.bias"] /= divisor
    models = {"model_int8.onnx": integer_model(weights, heads, tokenizer, tweets)}
    if options.float:
        models["model.onnx"] = sentiment_graph(weights, heads)
        models["model_fp16.onnx"] = sentiment_graph(weights, heads, dtype=np.float16)
    figures = Figures(
        train_tweets=len(tweets),
        dev_tweets=len(dev),
        recalls=recalls(logits, labels).tolist(),
        accuracy=float((logits.argmax(-1) == labels).mean()),
        float_recall=macro_recall(original, labels),
        agreement=float((logits.argmax(-1) == original.argmax(-1)).mean()),
        calibration_error=calibration_error(cross_fitted(logits, labels, *folds), labels),
        folds_calibration_errors=[calibration_error(cross_fitted(*fold, (logits, labels)), fold[1]) for fold in folds],
        temperature=divisor,
        megabytes=models["model_int8.onnx"].ByteSize() / 1e6,
    )
    print(figures)
    if figures.agreement < 0.97:
        raise SystemExit(f"quantization changed the class of {1 - figures.agreement:.1%} of the texts: nothing is written")
    write_folder(options.out, base, len(KEPT_LAYERS), tokenizer, models, model_card(figures))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deno task train", description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="labelled tweets: id, label and text, tab-separated")
    parser.add_argument("--dev", type=Path, required=True, help="others, to evaluate and calibrate with")
    parser.add_argument("--out", type=Path, required=True, help="model folder; with weights.pt, training is skipped")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base model, which is downloaded if it is not there")
    parser.add_argument("--folds", type=Path, help="what folds.py has left: calibrate with it, too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--float", action="store_true", help="also write model.onnx and model_fp16.onnx, for GPUs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
