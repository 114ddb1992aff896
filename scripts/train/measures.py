"""How good predictions are: recall, calibration, and whether a difference is more than chance."""

import numpy as np

from tweets import LABELS


def joined(parts: list) -> tuple[np.ndarray, np.ndarray]:
    """The logits and labels of several folds, as folds.py leaves them."""
    logits, labels = (np.concatenate([part[name] for part in parts]) for name in ("logits", "labels"))
    return logits, labels


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def recalls(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The share of each class's texts that are recognized."""
    predicted = logits.argmax(-1)
    return np.array([(predicted[labels == label] == label).mean() for label in range(len(LABELS))])


def macro_recall(logits: np.ndarray, labels: np.ndarray) -> float:
    return float(recalls(logits, labels).mean())


def calibration_error(logits: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: how far confidence is from accuracy, in bins of equal width."""
    probabilities = softmax(logits)
    confidence = probabilities.max(-1)
    right = probabilities.argmax(-1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs((right - confidence)[place == bin].sum()) for bin in range(bins)) / len(labels))


def temperature(*sets: tuple[np.ndarray, np.ndarray]) -> float:
    """What logits are divided by so that the labels are most likely; every set counts the same."""
    candidates = np.exp(np.linspace(np.log(0.25), np.log(4), 400))
    losses = [np.mean([_log_loss(logits / value, labels) for logits, labels in sets]) for value in candidates]
    return float(candidates[int(np.argmin(losses))])


def _log_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    return -np.log(softmax(logits)[np.arange(len(labels)), labels] + 1e-12).mean()


def cross_fitted(logits: np.ndarray, labels: np.ndarray, *others, folds: int = 5, seed: int = 0) -> np.ndarray:
    """Logits divided by a temperature that was fitted on the other folds, and on other sets."""
    fold = np.random.default_rng(seed).permutation(len(labels)) % folds
    scaled = logits.copy()
    for number in range(folds):
        rest = fold != number
        scaled[~rest] /= temperature((logits[rest], labels[rest]), *others)
    return scaled


def paired_bootstrap(first, second, labels: np.ndarray, rounds: int = 2000, seed: int = 0):
    """The gain in macro-averaged recall of `second` over `first`, and its 95 % interval."""
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(labels == label) for label in range(len(LABELS))]
    right = [(logits.argmax(-1) == labels).astype(float) for logits in (first, second)]
    gain = [right[1][places] - right[0][places] for places in members]
    rounds_of = [part[random.integers(len(part), size=(rounds, len(part)))].mean(1) for part in gain]
    return float(np.mean([part.mean() for part in gain])), np.quantile(np.mean(rounds_of, 0), [0.025, 0.975])
