"""Fine-tuning on a CPU: weights in bfloat16 with float32 masters."""

import time
from dataclasses import dataclass
from random import Random

import torch
from torch.nn.functional import cross_entropy

from batches import batches, encoder_of
from emoji import swap_emoticons
from network import Classifier
from prepare import clean_text, prepare_text
from tweets import LABELS, Tweet


@dataclass
class Recipe:
    batch: int = 64
    learning_rate: float = 1e-4
    layer_decay: float = 0.9
    """Each layer below the head learns this much slower than the one above it."""
    warm_up: float = 0.05
    last_rate: float = 0.3
    """Where the learning rate has fallen to at the end, as a share of its peak: averaging does the rest."""
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    class_weight_power: float = 0.5
    """0: tweets count alike; 1: classes count alike."""
    teacher_share: float = 0.5
    """How much of a tweet's loss is what a teacher says of it, where there is one; the rest is its label."""
    average_decay: float = 0.996
    """Of the moving average of the weights over the steps, which is what is kept."""
    seed: int = 0


class Fit:
    """One run of fine-tuning, from each tweet once; `taught` are a teacher's probabilities of each tweet's classes."""

    def __init__(self, model: Classifier, tokenizer: dict, tweets: list[Tweet], recipe: Recipe, taught=None):
        self.model, self.tweets, self.recipe, self.taught = model, tweets, recipe, taught
        self.encoder = encoder_of(tokenizer)
        self.random = Random(recipe.seed)
        self.labels = torch.tensor([tweet.label for tweet in tweets])
        counts = torch.bincount(self.labels, minlength=len(LABELS))
        weights = (len(tweets) / counts) ** recipe.class_weight_power
        self.class_weights = weights / (weights * counts).sum() * len(tweets)
        # bfloat16 halves the time of a step, but is too coarse to add small steps to.
        self.masters = [parameter.detach().clone() for parameter in model.parameters()]
        self.average = [master.clone() for master in self.masters]
        model.to(torch.bfloat16).train()
        self.optimizer = torch.optim.AdamW(self._groups(), fused=True)
        self.steps = 0

    def _groups(self) -> list[dict]:
        layers = self.model.encoder.config.num_hidden_layers
        groups = []
        for (name, _), master in zip(self.model.named_parameters(), self.masters):
            if name.startswith("head"):
                depth = 0
            elif name.startswith("encoder.embeddings"):
                depth = layers + 1
            else:
                depth = layers - int(name.split(".")[3])
            rate = self.recipe.learning_rate * self.recipe.layer_decay**depth
            decay = 0.0 if master.dim() == 1 else self.recipe.weight_decay
            groups.append({"params": [master], "lr": rate, "rate": rate, "weight_decay": decay})
        return groups

    def form_of(self, text: str) -> str:
        """A tweet as it is or without mentions, with emoticons or emoji, as chance has it."""
        text = text if self.random.random() < 0.5 else clean_text(text)
        return prepare_text(swap_emoticons(text, self.random))

    def run(self) -> None:
        """Learns from each tweet once."""
        texts = [self.form_of(tweet.text) for tweet in self.tweets]
        made = batches(texts, self.encoder, self.recipe.batch, self.random)
        # More than tweets by batch size: a length's last batch is seldom full.
        self.total = len(made)
        started, seen, lost = time.time(), 0, 0.0
        for number, (places, ids) in enumerate(made, 1):
            losses = self._loss(self.model(torch.from_numpy(ids)), places)
            (losses / self.recipe.batch).backward()
            self._step()
            seen += len(places)
            lost += losses.item()
            if number % 50 == 0 or number == len(made):
                pace = seen / (time.time() - started)
                print(f"  batch {number} of {len(made)}: loss {lost / seen:.4f}, {pace:.0f} tweets/s", flush=True)

    def _loss(self, logits: torch.Tensor, places: list[int]) -> torch.Tensor:
        """The sum over the texts at these places."""
        by_label = cross_entropy(
            logits,
            self.labels[places],
            weight=self.class_weights,
            label_smoothing=self.recipe.label_smoothing,
            reduction="sum",
        )
        if self.taught is None:
            return by_label
        by_teacher = cross_entropy(logits, self.taught[places], reduction="sum")
        share = self.recipe.teacher_share
        return share * by_teacher + (1 - share) * by_label

    def _step(self) -> None:
        self.steps += 1
        done = min(1, self.steps / self.total)
        fallen = (done - self.recipe.warm_up) / (1 - self.recipe.warm_up)
        slope = min(done / self.recipe.warm_up, 1 - fallen * (1 - self.recipe.last_rate))
        for group in self.optimizer.param_groups:
            group["lr"] = group["rate"] * slope
        parameters = list(self.model.parameters())
        for parameter, master in zip(parameters, self.masters):
            master.grad = parameter.grad.float()
            parameter.grad = None
        torch.nn.utils.clip_grad_norm_(self.masters, 1.0)
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_copy_(parameters, self.masters)
            # The average forgets the untrained beginning first.
            decay = min(self.recipe.average_decay, self.steps / (self.steps + 10))
            torch._foreach_lerp_(self.average, self.masters, 1 - decay)

    def weights(self) -> dict[str, torch.Tensor]:
        """The averaged weights by name, in float32."""
        names = [name for name, _ in self.model.named_parameters()]
        return {name: value.clone() for name, value in zip(names, self.average)}


def train(
    tweets: list[Tweet], model: Classifier, tokenizer: dict, recipe: Recipe, taught: torch.Tensor | None = None
) -> dict[str, torch.Tensor]:
    """Fine-tunes on each tweet once; returns the averaged weights."""
    fit = Fit(model, tokenizer, tweets, recipe, taught)
    fit.run()
    return fit.weights()
