"""How the embedded model learns: the whole base first, then what is left of it without some layers."""

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import torch

from fit import Recipe, train
from folder import integer_model, logits_of, scored_texts
from measures import softmax
from network import base_model
from tweets import Tweet

KEPT_LAYERS = (0, 1, 4, 5, 6, 8, 9, 10)
"""The others changed the fine-tuned base's probabilities least when they were left out one after the other."""

ROUNDS = (Recipe(), Recipe(learning_rate=5e-5, last_rate=0))
"""How the kept layers learn: first faster, then slower and slower."""


def learn(tweets: list[Tweet], base: Path, seed: int) -> dict[str, torch.Tensor]:
    """The weights of a network of `KEPT_LAYERS`; it learns from labels and from the base's probabilities."""
    torch.manual_seed(seed)
    model, tokenizer = base_model(base)
    # Half of the tweets: what it says of a label that it knows is no news. The learning rate is as in
    # the first quarter of a longer run.
    half = Random(seed).sample(tweets, len(tweets) // 2)
    print("the whole base learns", flush=True)
    weights = train(half, model, tokenizer, Recipe(warm_up=0.36, last_rate=0.89, average_decay=0.998, seed=seed))
    heads = model.encoder.config.num_attention_heads
    taught = torch.from_numpy(_probabilities(weights, heads, tokenizer, tweets))
    model.float().load_state_dict(weights)
    model.keep_layers(KEPT_LAYERS)
    for number, recipe in enumerate(ROUNDS, 1):
        print(f"{len(KEPT_LAYERS)} layers of it learn on, round {number} of {len(ROUNDS)}", flush=True)
        weights = train(tweets, model, tokenizer, replace(recipe, seed=seed + number), taught)
        model.float().load_state_dict(weights)
    return weights


def _probabilities(weights: dict[str, torch.Tensor], heads: int, tokenizer: dict, tweets: list[Tweet]) -> np.ndarray:
    """Of each tweet's classes; in 8 bits, which takes half the time and hardly changes them."""
    arrays = {name: value.numpy() for name, value in weights.items()}
    return softmax(logits_of(integer_model(arrays, heads, tokenizer, tweets), tokenizer, scored_texts(tweets)))
