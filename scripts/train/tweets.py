"""Labelled tweets and their folds."""

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random

LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class Tweet:
    id: str
    label: int
    text: str


def read_tweets(file: Path) -> list[Tweet]:
    """Reads lines of id, label and text, separated by tabs (the layout of SemEval-2017 task 4A)."""
    tweets = []
    with open(file, encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            if len(row) != 3 or row[1] not in LABELS:
                raise SystemExit(f"{file}:{number}: expected id, {'|'.join(LABELS)} and text, separated by tabs")
            tweets.append(Tweet(row[0], LABELS.index(row[1]), row[2]))
    return tweets


def fold_of(tweets: list[Tweet], folds: int, seed: int = 0) -> list[int]:
    """The fold of each tweet: stratified by label, the same for the same tweets and seed."""
    fold = [0] * len(tweets)
    for label in range(len(LABELS)):
        members = [i for i, tweet in enumerate(tweets) if tweet.label == label]
        Random(seed).shuffle(members)
        for place, i in enumerate(members):
            fold[i] = place % folds
    return fold

