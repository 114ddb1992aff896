"""A BERT with the mean of its outputs and a head of three classes."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from emoji import add_to_vocabulary
from tweets import LABELS


class Classifier(nn.Module):
    def __init__(self, encoder: BertModel, dropout: float = 0.1):
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, len(LABELS))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def keep_layers(self, numbers: tuple[int, ...]) -> None:
        """Leaves out all layers but these."""
        layers = self.encoder.encoder.layer
        self.encoder.encoder.layer = nn.ModuleList([layers[number] for number in numbers])
        self.encoder.config.num_hidden_layers = len(numbers)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Logits of texts of one length: without padding a CPU computes nothing in vain."""
        pooled = self.encoder(input_ids=input_ids).last_hidden_state.float().mean(1)
        return self.head(self.dropout(pooled).to(self.head.weight.dtype)).float()


def tokenizer_of(folder: Path) -> dict:
    """A model's `tokenizer.json`, without padding and truncation: batches have texts of one length."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["padding"] = tokenizer["truncation"] = None
    return tokenizer


def base_model(folder: Path) -> tuple[Classifier, dict]:
    """The base with emoji in its vocabulary and a new head, and its `tokenizer.json`."""
    tokenizer = tokenizer_of(folder)
    names = add_to_vocabulary(tokenizer)
    # Written-out attention is faster on short texts than PyTorch's fused one, which has to recompute.
    encoder = BertModel.from_pretrained(
        folder, add_pooling_layer=False, attn_implementation="eager", attention_probs_dropout_prob=0.0
    )
    words = Tokenizer.from_str(json.dumps(tokenizer))
    embeddings = encoder.embeddings.word_embeddings.weight
    with torch.no_grad():
        for token, name in names.items():
            embeddings[token] = embeddings[words.encode(name, add_special_tokens=False).ids].mean(0)
    return Classifier(encoder), tokenizer
