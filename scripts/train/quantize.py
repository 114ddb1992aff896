"""8-bit products with fixed ranges, so that a text's score depends on no other text.

Dynamic quantization takes the range of its numbers from the whole batch: a tweet scored in other
company gets another score. Here the ranges are measured once, on training texts, one for each
channel, because a few channels of BERT's are ten times as wide as the rest. Their scales are
multiplied into the weights, which have a scale for each output.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnxruntime

from graph import Graph, float_linear, sentiment_graph


@dataclass
class Range:
    """The smallest and the largest number of each channel."""

    low: np.ndarray
    high: np.ndarray


def session_of(model) -> onnxruntime.InferenceSession:
    """A session on one thread of the CPU for a model or the path of its file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    source = model if isinstance(model, str) else model.SerializeToString()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def measure_ranges(weights, heads: int, batches: Iterable[np.ndarray]) -> dict[str, Range]:
    """The ranges of the input of each product, over batches of token ids of one length each."""
    inputs: dict[str, str] = {}

    def noting(graph: Graph, name: str, value: str, weight, bias) -> str:
        inputs[name] = value
        return float_linear(graph, name, value, weight, bias)

    model = sentiment_graph(weights, heads, noting)
    names = list(dict.fromkeys(inputs.values()))
    for name in names:
        model.graph.output.add().name = name
    session = session_of(model)
    ranges: dict[str, Range] = {}
    for ids in batches:
        found = session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, values in zip(names, found):
            low, high = values.min((0, 1)), values.max((0, 1))
            known = ranges.setdefault(name, Range(low, high))
            ranges[name] = Range(np.minimum(known.low, low), np.maximum(known.high, high))
    return {product: ranges[name] for product, name in inputs.items()}


def integer_linear(ranges: dict[str, Range]):
    """Products in 8-bit integers whose inputs have the given ranges."""

    def linear(graph: Graph, name: str, value: str, weight: np.ndarray, bias: np.ndarray) -> str:
        widths = np.maximum(np.abs(ranges[name].low), np.abs(ranges[name].high)).clip(1e-3)
        value = graph.add("Mul", value, graph.real(f"{name}.shrink", 1 / widths))
        # Every channel is now within -1 and 1.
        low = float(min(0, (ranges[name].low / widths).min()))
        scale = np.float32((1 - low) / 255)
        weight = weight * widths[:, None]
        weight_scales = (np.abs(weight).max(0) / 127).astype(np.float32)
        scale, zero = (
            graph.constant(f"{name}.input_scale", np.array(scale)),
            graph.constant(f"{name}.input_zero", np.array(np.rint(-low / scale), np.uint8)),
        )
        return graph.add(
            "MatMulIntegerToFloat",
            graph.add("QuantizeLinear", value, scale, zero),
            graph.constant(f"{name}.weight", np.rint(weight / weight_scales).astype(np.int8)),
            scale,
            graph.constant(f"{name}.weight_scales", weight_scales),
            zero,
            graph.constant(f"{name}.weight_zeros", np.zeros(len(bias), np.int8)),
            graph.real(f"{name}.bias", bias),
            domain="com.microsoft",
        )

    return linear
