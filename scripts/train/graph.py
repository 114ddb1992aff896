"""The network as an ONNX graph, written out node by node.

Written rather than traced, because the graph that runs on CPUs is not the one that was trained:
query, key and value are one product, and each product may be done in 8-bit integers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUTS = ("input_ids", "attention_mask")
MAX_POSITIONS = 128

Linear = Callable[["Graph", str, str, np.ndarray, np.ndarray], str]
"""Adds `input @ weight + bias` to a graph: takes graph, name, input, weight, bias; returns the output."""


@dataclass
class Graph:
    """A graph under construction; tensors are known by name, constants are kept once."""

    dtype: type = np.float32
    nodes: list = field(default_factory=list)
    constants: dict = field(default_factory=dict)

    @property
    def type(self) -> int:
        """ONNX's name for the type of the graph's real numbers."""
        return helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))

    def real(self, name: str, value) -> str:
        return self.constant(name, np.asarray(value, self.dtype))

    def indices(self, *values: int) -> str:
        return self.constant("indices_" + "_".join(map(str, values)), np.array(values, np.int64))

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operation: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes):
        """Appends a node; returns the name of its output, or the names of several."""
        names = [f"{operation}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operation, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names


def float_linear(graph: Graph, name: str, value: str, weight: np.ndarray, bias: np.ndarray) -> str:
    product = graph.add("MatMul", value, graph.real(f"{name}.weight", weight))
    return graph.add("Add", product, graph.real(f"{name}.bias", bias))


def sentiment_graph(
    weights: dict[str, np.ndarray], heads: int, linear: Linear = float_linear, dtype: type = np.float32
) -> onnx.ModelProto:
    """The classifier with the given weights (their names are PyTorch's): token ids and mask to logits."""
    graph = Graph(dtype)
    mask = graph.add("Cast", "attention_mask", to=graph.type)
    hidden = _embeddings(graph, weights)
    masking = graph.add("Sub", graph.add("Unsqueeze", mask, graph.indices(1, 2)), graph.real("one", 1))
    masking = graph.add("Mul", masking, graph.real("masked", 1e4))
    layers = 1 + max(int(name.split(".")[3]) for name in weights if name.startswith("encoder.encoder.layer."))
    for number in range(layers):
        hidden = _layer(graph, f"encoder.encoder.layer.{number}", hidden, masking, weights, heads, linear)

    mask = graph.add("Unsqueeze", mask, graph.indices(1))
    mean = graph.add("Div", graph.add("MatMul", mask, hidden), graph.add("ReduceSum", mask, graph.indices(2)))
    # A sum, where a product would do: ONNX Runtime rounds products of one row and of several differently.
    parts = graph.add("Mul", mean, graph.real("head.weight", weights["head.weight"]))
    logits = graph.add("ReduceSum", parts, graph.indices(2), keepdims=0)
    logits = graph.add("Add", logits, graph.real("head.bias", weights["head.bias"]))
    graph.nodes.append(helper.make_node("Cast", [logits], ["logits"], to=TensorProto.FLOAT))
    return _model(graph, len(weights["head.bias"]))


def _model(graph: Graph, classes: int) -> onnx.ModelProto:
    made = helper.make_graph(
        graph.nodes,
        "sentiment",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])],
        list(graph.constants.values()),
    )
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(made, opset_imports=sets, ir_version=9, producer_name="birdsong")


def _embeddings(graph: Graph, weights: dict[str, np.ndarray]) -> str:
    name = "encoder.embeddings"
    words = weights[f"{name}.word_embeddings.weight"]
    # One scale a word: 8 bits are enough for a table that is only looked up.
    scales = np.abs(words).max(1, keepdims=True) / 127
    scales[scales == 0] = 1
    whole = np.rint(words / scales).astype(np.int8)
    hidden = graph.add("Gather", graph.constant("words", whole), "input_ids")
    hidden = graph.add("Cast", hidden, to=graph.type)
    hidden = graph.add("Mul", hidden, graph.add("Gather", graph.real("words.scale", scales), "input_ids"))

    positions = weights[f"{name}.position_embeddings.weight"][:MAX_POSITIONS]
    positions = graph.real("positions", positions + weights[f"{name}.token_type_embeddings.weight"][0])
    length = graph.add("Slice", graph.add("Shape", "input_ids"), graph.indices(1), graph.indices(2))
    hidden = graph.add("Add", hidden, graph.add("Slice", positions, graph.indices(0), length, graph.indices(0)))
    return _normalized(graph, f"{name}.LayerNorm", hidden, weights)


def _layer(graph, name: str, hidden: str, masking: str, weights, heads: int, linear: Linear) -> str:
    width = len(weights[f"{name}.output.dense.bias"])
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    # Queries are scaled in their weights instead of at every run.
    shrink = [(width / heads) ** -0.5, 1, 1]
    weight = np.concatenate([weights[f"{part}.weight"].T * by for part, by in zip(parts, shrink)], 1)
    bias = np.concatenate([weights[f"{part}.bias"] * by for part, by in zip(parts, shrink)])
    three = linear(graph, f"{name}.attention.self", hidden, weight, bias)
    three = graph.add("Reshape", three, graph.indices(0, 0, 3, heads, width // heads))
    three = graph.add("Split", graph.add("Transpose", three, perm=[2, 0, 3, 1, 4]), outputs=3, axis=0)
    query, key, value = [graph.add("Squeeze", part, graph.indices(0)) for part in three]
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    scores = graph.add("Softmax", graph.add("Add", scores, masking), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", scores, value), perm=[0, 2, 1, 3])
    mixed = graph.add("Reshape", mixed, graph.indices(0, 0, width))

    def dense(part: str, value: str) -> str:
        return linear(graph, f"{name}.{part}", value, weights[f"{name}.{part}.weight"].T, weights[f"{name}.{part}.bias"])

    mixed = graph.add("Add", dense("attention.output.dense", mixed), hidden)
    hidden = _normalized(graph, f"{name}.attention.output.LayerNorm", mixed, weights)
    inner = graph.add("Gelu", dense("intermediate.dense", hidden), domain="com.microsoft")
    outer = graph.add("Add", dense("output.dense", inner), hidden)
    return _normalized(graph, f"{name}.output.LayerNorm", outer, weights)


def _normalized(graph: Graph, name: str, value: str, weights: dict[str, np.ndarray]) -> str:
    scale, shift = (graph.real(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.add("LayerNormalization", value, scale, shift, axis=-1, epsilon=1e-12)
