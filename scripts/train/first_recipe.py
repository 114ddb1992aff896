"""The first model's recipe, to compare with: two passes of all-MiniLM-L6 over tweets as they are.

No teacher, no average of the weights, no emoji in the vocabulary, and mentions stay in the texts.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import BertModel

from fit import Fit, Recipe
from folder import logits_of, scored_texts
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


class Exported(torch.nn.Module):
    """The classifier as its ONNX file has it: of token ids and their mask."""

    def __init__(self, model: FirstTokenClassifier):
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        model = self.model
        return model.head(model.encoder(input_ids=input_ids, attention_mask=attention_mask).pooler_output)


def write_eight_bit_model(model: FirstTokenClassifier, folder: Path) -> str:
    """Exports the model, quantizes it dynamically as the first one was, and returns the file's path."""
    ids = torch.ones(2, 8, dtype=torch.long)
    names = ["input_ids", "attention_mask"]
    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"logits": {0: "texts"}}
    exact, small = str(folder / "model.onnx"), str(folder / "model_int8.onnx")
    torch.onnx.export(
        Exported(model), (ids, ids), exact, input_names=names, output_names=["logits"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )
    quantize_dynamic(exact, small, per_channel=True, weight_type=QuantType.QInt8)
    return small


def first_recipe_logits(tweets: list[Tweet], held: list[Tweet], base: Path, seed: int) -> np.ndarray:
    """Logits of the held tweets from a model that learned from the others, in 8 bits as it was shipped."""
    torch.manual_seed(seed)
    tokenizer = tokenizer_of(base)
    model = FirstTokenClassifier(BertModel.from_pretrained(base, attn_implementation="eager"))
    recipe = Recipe(learning_rate=8e-5, warm_up=0.06, last_rate=0, average_decay=0, seed=seed)
    fit = FirstFit(model, tokenizer, tweets * 2, recipe)
    fit.run()
    model.float().eval().load_state_dict(fit.weights())
    with TemporaryDirectory() as folder:
        return logits_of(write_eight_bit_model(model, Path(folder)), tokenizer, scored_texts(held))
