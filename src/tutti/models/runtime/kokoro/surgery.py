"""Cuts the published Kokoro graph into four, where durations, pitch and energy, and articulation pass through it.

No weight changes and nothing is trained: each piece is the set of nodes that lead backwards from the tensors it gives
to the tensors it takes, after `rewriting.py` has put better operators where it knows some. To cut elsewhere, change a
row of `_PIECES` and raise `_REVISION`.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutti.errors import ModelFileError
from tutti.models.runtime.kokoro.rewriting import rewrite
from tutti.models.runtime.processor import has_exact_signed_products

# Part of the cache's name, so that graphs cut by an older revision are not taken for today's.
_REVISION = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Port:
    """A tensor at the edge of a piece: its name in the published graph, the name we give it, its element and shape."""

    tensor: str
    name: str
    is_integer: bool = False
    # A string is a length that varies from call to call.
    shape: tuple[int | str, ...]


_TOKENS = Port(tensor="tokens", name="tokens", is_integer=True, shape=(1, "tokens"))
_STYLE = Port(tensor="style", name="style", shape=(1, 256))
_SPEED = Port(tensor="speed", name="speed", shape=(1,))
_FRAMES_OUT = Port(tensor="/encoder/Div_output_0", name="frames", shape=(1, "tokens"))
_FRAMES_IN = Port(tensor="/encoder/Gather_output_0", name="frames", is_integer=True, shape=("tokens",))
_F0 = Port(tensor="/encoder/Reshape_output_0", name="f0", shape=(1, "curve"))
_ENERGY = Port(tensor="/encoder/Reshape_1_output_0", name="energy", shape=(1, "curve"))
# Before the last upsampling: 512 channels that hold what the mouth does, at 80 values a second.
_FEATURES = Port(tensor="/decoder/decoder/decode.3/Div_4_output_0", name="features", shape=(1, "channels", "curve"))
_AUDIO = Port(tensor="audio", name="audio", shape=("samples",))

# File stem -> what goes in, what comes out.
_PIECES: dict[str, tuple[tuple[Port, ...], tuple[Port, ...]]] = {
    "durations": ((_TOKENS, _STYLE, _SPEED), (_FRAMES_OUT,)),
    "prosody": ((_TOKENS, _STYLE, _FRAMES_IN), (_F0, _ENERGY)),
    "articulation": ((_TOKENS, _STYLE, _FRAMES_IN, _F0, _ENERGY), (_FEATURES,)),
    "sound": ((_FEATURES, _STYLE, _F0), (_AUDIO,)),
}


def cut_graphs(model: Path, folder: Path) -> dict[str, Path]:
    """The pieces of a Kokoro file by name ("durations", "prosody", "articulation", "sound"), cut at the first call.

    They are kept in `folder` under the SHA-256 of the model. Processes that cut at once each work in a folder of their
    own and the first to finish is kept, so a reader sees all or none. Raises `ModelFileError` when the model is
    missing or is another export.
    """
    try:
        with model.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"The voice file {model} cannot be read: fetch it with `tutti models pull`.") from error
    # A folder may be shared by machines that compute differently.
    with_products = has_exact_signed_products()
    weights = digest[:32]
    home = folder / f"{weights}-{_REVISION}{'' if with_products else '-without-products'}"
    if not home.is_dir():
        _cut_into(home, model, with_products=with_products)
        _sweep(folder, weights)
    return {name: home / f"{name}.onnx" for name in _PIECES}


def _cut_into(home: Path, model: Path, *, with_products: bool) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".cutting-", dir=home.parent))
    try:
        _write_pieces(model, workshop, with_products=with_products)
        workshop.chmod(0o755)
        _keep(workshop, home)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _keep(workshop: Path, home: Path) -> None:
    """Give the finished folder its name, unless another process was first."""
    try:
        workshop.rename(home)
    except OSError:
        if not home.is_dir():
            raise


def _sweep(folder: Path, weights: str) -> None:
    """Remove what earlier revisions cut of the same file: 100 MB each."""
    for revision in range(1, _REVISION):
        for old in (folder / f"{weights}-{revision}", *folder.glob(f"{weights}-{revision}-*")):
            shutil.rmtree(old, ignore_errors=True)


def _write_pieces(model: Path, folder: Path, *, with_products: bool) -> None:
    # Needed once in the life of a weight file, and slow to load.
    import onnx  # noqa: PLC0415

    whole = onnx.load(os.fspath(model))
    rewrite(onnx, whole.graph, with_products=with_products)
    for name, (takes, gives) in _PIECES.items():
        onnx.save(_piece(onnx, whole, takes, gives), os.fspath(folder / f"{name}.onnx"))


def _piece(onnx: Any, whole: Any, takes: tuple[Port, ...], gives: tuple[Port, ...]) -> Any:
    """The part of a graph between two rows of tensors, as a model of its own."""
    nodes, tensors = _between(whole.graph, {port.tensor for port in takes}, [port.tensor for port in gives])
    renamed = {port.tensor: port.name for port in takes}
    copies = []
    for node in nodes:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [renamed.get(tensor, tensor) for tensor in node.input]
        copies.append(copy)
    copies += [
        onnx.helper.make_node("Identity", [port.tensor], [port.name]) for port in gives if port.tensor != port.name
    ]
    graph = onnx.helper.make_graph(
        copies,
        "kokoro",
        [_value(onnx, port) for port in takes],
        [_value(onnx, port) for port in gives],
        [weight for weight in whole.graph.initializer if weight.name in tensors],
    )
    return onnx.helper.make_model(graph, opset_imports=whole.opset_import, ir_version=whole.ir_version)


def _between(graph: Any, takes: set[str], gives: Iterable[str]) -> tuple[list[Any], set[str]]:
    """The nodes that lead from `takes` to `gives`, in the graph's order, and every tensor they touch.

    Raises `ModelFileError` when the graph has no such tensors.
    """
    makers = {tensor: node for node in graph.node for tensor in node.output}
    missing = [tensor for tensor in (*takes, *gives) if tensor not in makers and tensor not in _inputs(graph)]
    if missing:
        raise ModelFileError(f"The voice file is another export of Kokoro than the one known here: it lacks {missing}.")
    touched: set[str] = set()
    wanted = list(gives)
    while wanted:
        tensor = wanted.pop()
        if tensor in touched:
            continue
        touched.add(tensor)
        if tensor not in takes and tensor in makers:
            wanted.extend(makers[tensor].input)
    reached = touched - takes
    return [node for node in graph.node if reached.intersection(node.output)], touched


def _inputs(graph: Any) -> set[str]:
    return {value.name for value in graph.input}


def _value(onnx: Any, port: Port) -> Any:
    element = onnx.TensorProto.INT64 if port.is_integer else onnx.TensorProto.FLOAT
    return onnx.helper.make_tensor_value_info(port.name, element, list(port.shape))
