"""Texts as token ids, in batches of one length each."""

import json
from collections import defaultdict
from random import Random

import numpy as np
from tokenizers import Tokenizer

MAX_TOKENS = 64


def encoder_of(tokenizer: dict) -> Tokenizer:
    """The tokenizer of a `tokenizer.json`, cutting texts at MAX_TOKENS."""
    made = Tokenizer.from_str(json.dumps(tokenizer))
    made.enable_truncation(MAX_TOKENS)
    return made


def batches(texts: list[str], encoder: Tokenizer, size: int, random: Random) -> list[tuple[list[int], np.ndarray]]:
    """The places of the texts of each batch and their token ids, in random order."""
    by_length = defaultdict(list)
    for place, encoding in enumerate(encoder.encode_batch(texts)):
        by_length[len(encoding.ids)].append((place, encoding.ids))
    made = []
    for group in by_length.values():
        random.shuffle(group)
        for start in range(0, len(group), size):
            places, ids = zip(*group[start:start + size])
            made.append((list(places), np.array(ids)))
    random.shuffle(made)
    return made
