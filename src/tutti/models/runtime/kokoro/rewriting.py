"""The published network in operators that are computed faster, or more finely, with the same weights.

- A convolution of bytes (`ConvInteger`) multiplies unsigned by unsigned bytes, for which ONNX Runtime does not use
  what processors have. As a matrix product of its windows with *signed* weights it takes a third of the time (67 -> 21
  ms for 128 x 128 x 11 weights on 24,000 frames, one core with AMX); the integers are the same.
- The last stage is the exception: its inputs rounded to bytes are heard. Computed in floats, which takes as long as the
  published way, the spectrum lies 2.0 dB from that of a network without bytes instead of 6.0.
- An adaptive norm (mean, variance, scale and shift in nine operators that each walk through the whole sound) is an
  `InstanceNormalization`, which stays in the cache.

To add a rule: a function of a node that gives a `Change`, and its place in `_rules`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tutti.models.runtime.kokoro.graph import Change, Sketch, Surroundings

Rule = Callable[[Surroundings, Any], Change | None]

# From an unsigned byte to the signed one that means the same, zero points alike.
_TO_SIGNED = 128
# Of tensors of shape (1, channels, frames).
_TIME_AXIS = 2
# What makes the sound at its full rate, one name in the path of each of its nodes.
_LAST_STAGE = frozenset({"resblocks.3", "resblocks.4", "resblocks.5"})


def rewrite(onnx: Any, graph: Any, *, with_products: bool) -> None:
    """Apply to each node the first rule that fits, in place; what fits none stays as it is.

    `with_products` is for machines that sum them exactly. Nodes that nothing leads from any more are left for whoever
    cuts the graph.
    """
    surroundings, rules = Surroundings.of(onnx, graph), _rules(with_products=with_products)
    changes = [change for node in graph.node if (change := _first(rules, surroundings, node))]
    gone = {id(node) for change in changes for node in change.old}
    # What is new stands where the last of the old stood: all it needs is known there.
    at = {id(change.old[-1]): change.new for change in changes}
    kept: list[Any] = []
    for node in graph.node:
        kept += at.get(id(node), () if id(node) in gone else (node,))
    before = len(graph.node)
    graph.node.extend(kept)
    del graph.node[:before]
    graph.initializer.extend(weight for change in changes for weight in change.weights)


def _rules(*, with_products: bool) -> tuple[Rule, ...]:
    return (_as_floats, _as_product, _as_norm) if with_products else (_as_floats, _as_norm)


def _first(rules: tuple[Rule, ...], graph: Surroundings, node: Any) -> Change | None:
    return next((change for rule in rules if (change := rule(graph, node))), None)


def _as_floats(graph: Surroundings, node: Any) -> Change | None:
    """A convolution of the last stage without rounding what comes in; its weights are what the bytes mean."""
    if node.op_type != "ConvInteger" or _LAST_STAGE.isdisjoint(node.name.split("/")):
        return None
    tail = _scaled(graph, node)
    if tail is None or graph.kind(node.input[0]) != "DynamicQuantizeLinear" or graph.kind(tail[1]) != "Mul":
        return None
    old, scale, bias = tail
    (of_weights,) = (tensor for tensor in graph.makers[scale].input if tensor in graph.weights)
    bytes_over_zero = graph.constant(node.input[1]).astype(np.float32) - graph.constant(node.input[3])
    sketch = Sketch(graph.onnx, f"{node.name}/as_floats")
    weights = sketch.constant((bytes_over_zero * graph.constant(of_weights)).astype(np.float32))
    sound = graph.makers[node.input[0]].input[0]
    takes = (sound, weights, bias) if bias else (sound, weights)
    sketch.add("Conv", *takes, gives=old[-1].output[0], **graph.attributes(node))
    return Change(old=old, new=sketch.nodes, weights=sketch.weights)


def _as_product(graph: Surroundings, node: Any) -> Change | None:
    """A one-dimensional convolution of bytes, with its bias and scale, as a matrix product."""
    if node.op_type != "ConvInteger" or node.input[1] not in graph.weights:
        return None
    weight, weight_zero = graph.constant(node.input[1]), graph.constant(node.input[3])
    shape = graph.attributes(node)
    if weight.ndim != 3 or weight.dtype != np.uint8 or shape.get("group", 1) != 1:
        return None
    tail = _scaled(graph, node)
    if tail is None:
        return None
    old, scale, bias = tail
    outputs, channels, width = weight.shape
    signed = (weight.astype(np.int16) - _TO_SIGNED).astype(np.int8)
    sketch = Sketch(graph.onnx, f"{node.name}/as_product")
    windows = _windows(sketch, node, shape, channels=channels, width=width)
    sums = sketch.add(
        "MatMulInteger",
        windows,
        sketch.constant(signed.transpose(2, 1, 0).reshape(width * channels, outputs)),
        node.input[2],
        sketch.constant((weight_zero.astype(np.int16) - _TO_SIGNED).astype(np.int8)),
    )
    # ONNX Runtime makes one operator of these and the product.
    sound = sketch.add("Mul", sketch.add("Cast", sums, to=graph.onnx.TensorProto.FLOAT), scale)
    if bias:
        sound = sketch.add("Add", sound, bias)
    sketch.add("Transpose", sound, perm=[0, 2, 1], gives=old[-1].output[0])
    return Change(old=old, new=sketch.nodes, weights=sketch.weights)


def _scaled(graph: Surroundings, node: Any) -> tuple[list[Any], str, str] | None:
    """What turns the sums of a convolution into numbers again: its nodes, the scale, and the bias or ""."""
    old, bias = [node], ""
    if add := graph.only_user(node, "Add"):
        # The bias comes counted in the scale, rounded down: what it was is the dividend.
        tensor = _other(add, node)
        while graph.kind(tensor) in ("Reshape", "Cast", "Floor"):
            tensor = graph.makers[tensor].input[0]
        if graph.kind(tensor) != "Div":
            return None
        bias = graph.makers[tensor].input[0]
        old.append(add)
    if (cast := graph.only_user(old[-1], "Cast")) is None or (mul := graph.only_user(cast, "Mul")) is None:
        return None
    return [*old, cast, mul], _other(mul, cast), bias


def _windows(sketch: Sketch, node: Any, shape: dict[str, Any], *, channels: int, width: int) -> str:
    """What a convolution sees at each place, bytes of shape (1, places, width * channels)."""
    (before, after), (stride,), (dilation,) = shape["pads"], shape["strides"], shape["dilations"]
    rows = sketch.add("Transpose", node.input[0], perm=[0, 2, 1])
    if before or after:
        rows = sketch.add("Pad", rows, sketch.constant([0, before, 0, 0, after, 0]), node.input[2])
    if width == 1 and stride == 1:
        return rows
    length = sketch.add("Squeeze", sketch.add("Shape", rows, start=1, end=2), sketch.constant([0]))
    end = sketch.add("Sub", length, sketch.constant(dilation * (width - 1)))
    firsts = sketch.add("Range", sketch.constant(0), end, sketch.constant(stride))
    offsets = sketch.constant([[dilation * place for place in range(width)]])
    places = sketch.add("Add", sketch.add("Unsqueeze", firsts, sketch.constant([1])), offsets)
    return sketch.add("Reshape", sketch.add("Gather", rows, places, axis=1), sketch.constant([1, -1, width * channels]))


def _as_norm(graph: Surroundings, node: Any) -> Change | None:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift along a sound, from its division on."""
    if node.op_type != "Div" or graph.kind(node.input[0]) != "Sub" or graph.kind(node.input[1]) != "Sqrt":
        return None
    sound, mean = graph.makers[node.input[0]].input
    spread = graph.makers[graph.makers[node.input[1]].input[0]]
    scaled = graph.only_user(node, "Mul")
    shifted = graph.only_user(scaled, "Add") if scaled else None
    if graph.kind(mean) != "ReduceMean" or spread.op_type != "Add" or shifted is None:
        return None
    if graph.constant(graph.makers[mean].input[1]).tolist() != [_TIME_AXIS]:
        return None
    epsilon = [graph.constant(tensor).item() for tensor in spread.input if tensor in graph.weights]
    if len(epsilon) != 1:
        return None
    sketch = Sketch(graph.onnx, f"{node.name}/as_norm")
    scale, shift = (
        sketch.add("Reshape", tensor, sketch.constant([-1]))
        for tensor in (_other(scaled, node), _other(shifted, scaled))
    )
    sketch.add("InstanceNormalization", sound, scale, shift, epsilon=epsilon[0], gives=shifted.output[0])
    return Change(old=[node, scaled, shifted], new=sketch.nodes, weights=sketch.weights)


def _other(node: Any, known: Any) -> str:
    """What a node of two inputs takes beside the output of another."""
    (tensor,) = (tensor for tensor in node.input if tensor != known.output[0])
    return str(tensor)
