"""The model card."""

from dataclasses import dataclass

from learn import KEPT_LAYERS, ROUNDS


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
    folds_calibration_errors: list[float]
    """The same of training tweets, by models that did not learn from them; empty where there are none."""
    temperature: float
    megabytes: float


def model_card(figures: Figures) -> str:
    negative, neutral, positive = figures.recalls
    first, second = ROUNDS
    kept = ", ".join(str(number + 1) for number in KEPT_LAYERS)
    calibration = f"the development tweets. Expected calibration error {figures.calibration_error:.3f}"
    for error in figures.folds_calibration_errors:
        calibration = f"""the development tweets and, as much, on training tweets that five models did not learn from.
  Expected calibration error {figures.calibration_error:.3f} on the development tweets and {error:.3f} on the others"""
    return f"""---
base_model: BAAI/bge-small-en-v1.5
license: apache-2.0
language: en
---

# The embedded sentiment model

{len(KEPT_LAYERS)} of the twelve layers of bge-small-en-v1.5 (BAAI; MIT licence) with mean pooling and a head of three
classes (0 NEG, 1 NEU, 2 POS), in Hugging Face layout: 26.1 million parameters. `deno task train` makes this
folder, and this page, from labelled tweets.

- **Input:** what `prepareText` of the library makes of a tweet: HTML entities as characters, links as
  `http`, mentions as `@user` (the pipeline removes them), whitespace as single spaces. 213 emoji stand in
  the vocabulary, alone and inside words.
- **Data:** {figures.train_tweets:,} tweets of the SemEval-2017 task 4A training sets (2013 to 2016), not part of
  this project. A tweet was learned as it is or without its mentions, by chance, and half of its emoticons
  as emoji that mean the same.
- **Training:** the twelve layers learned from half of the tweets, once. Then layers {kept}
  learned on, from each tweet twice: {first.teacher_share:.0%} from what the twelve say of it, the rest from its label. Texts cut
  at 64 tokens, batches of {first.batch} texts of one length; AdamW with {first.learning_rate:g} for the head and {first.layer_decay:g} of it for each
  layer further down, {first.warm_up:.0%} warm-up, then a linear fall to {first.last_rate:.0%}, the second time with {second.learning_rate:g} that falls to
  {second.last_rate:.0%}; weight decay {first.weight_decay:g}, gradient clipping 1, cross entropy with class weights (power {first.class_weight_power:g} of
  their rarity) and label smoothing {first.label_smoothing:g}; bfloat16 with float32 masters. Kept is the moving average of
  the weights ({first.average_decay:g} a step).
- **Files:** `onnx/model_int8.onnx`, {figures.megabytes:.0f} MB, for the CPU: inputs `input_ids` and `attention_mask`, output
  `logits`. Weights and activations are 8-bit integers with fixed ranges, so a text's score does not depend
  on the texts beside it. `deno task train --float` writes `model_fp16.onnx` and `model.onnx` for GPUs.
- **Quality** on {figures.dev_tweets:,} development tweets without mentions: macro-averaged recall
  {sum(figures.recalls) / 3:.3f} (negative {negative:.3f}, neutral {neutral:.3f}, positive {positive:.3f}), accuracy {figures.accuracy:.3f}; before
  quantization {figures.float_recall:.3f}, with the same class for {figures.agreement:.1%} of the tweets.
- **Calibration:** logits are divided by {figures.temperature:.2f}, folded into the head and fitted on
  {calibration}, cross-fitted.
- **Limits:** English, written in 2013 to 2016; irony and quotations fool it. Emoji were learned from emoticons.
  Other texts than tweets, and other shares of the classes, need a calibration of their own.
"""
