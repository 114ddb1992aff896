"""The first model's recipe, to compare with: two passes of all-MiniLM-L6 over tweets as they are.

No teacher, no average of the weights, no emoji in the vocabulary, and mentions stay in the texts.
"""

from pathlib import Path
from random import Random

import numpy as np
import torch
from transformers import BertModel

from batches import batches, encoder_of
from fit import Fit, Recipe
from folder import scored_texts
from network import Classifier, tokenizer_of
from prepare import prepare_text
from tweets import LABELS, Tweet


class FirstTokenClassifier(Classifier):
    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        pooled = self.encoder(input_ids=input_ids).pooler_output
        return self.head(self.dropout(pooled)).float()


class FirstFit(Fit):
    def form_of(self, text: str) -> str:
        return prepare_text(text)

    def _groups(self) -> list[dict]:
        """All layers learn equally fast."""
        rate = self.recipe.learning_rate
        decays = [0.0 if master.dim() == 1 else self.recipe.weight_decay for master in self.masters]
        return [
            {"params": [master], "lr": rate, "rate": rate, "weight_decay": decay}
            for master, decay in zip(self.masters, decays)
        ]


def first_recipe_logits(tweets: list[Tweet], held: list[Tweet], base: Path, seed: int) -> np.ndarray:
    """Logits of the held tweets from a model that learned from the others, in 32 bits."""
    torch.manual_seed(seed)
    tokenizer = tokenizer_of(base)
    model = FirstTokenClassifier(BertModel.from_pretrained(base, attn_implementation="eager"))
    recipe = Recipe(learning_rate=8e-5, warm_up=0.06, last_rate=0, average_decay=0, seed=seed)
    fit = FirstFit(model, tokenizer, tweets * 2, recipe)
    fit.run()
    model.float().eval().load_state_dict(fit.weights())
    logits = np.zeros((len(held), len(LABELS)), np.float32)
    with torch.inference_mode():
        for places, ids in batches(scored_texts(held), encoder_of(tokenizer), 64, Random(0)):
            logits[places] = model(torch.from_numpy(ids)).numpy()
    return logits
