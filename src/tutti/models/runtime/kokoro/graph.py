"""An ONNX graph as its nodes see it, and what is put into it in the place of some of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Nodes that are taken out, in the graph's order, and what does their work."""

    old: Sequence[Any]
    new: Sequence[Any]
    weights: Sequence[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """A graph as its nodes see it."""

    onnx: Any
    # Tensor -> the node that gives it, the nodes that take it; and name -> constant.
    makers: dict[str, Any]
    users: dict[str, list[Any]]
    weights: dict[str, Any]

    @classmethod
    def of(cls, onnx: Any, graph: Any) -> "Surroundings":
        """Look around in a graph."""
        users: dict[str, list[Any]] = {}
        for node in graph.node:
            for tensor in node.input:
                users.setdefault(tensor, []).append(node)
        return cls(
            onnx=onnx,
            makers={tensor: node for node in graph.node for tensor in node.output},
            users=users,
            weights={weight.name: weight for weight in graph.initializer},
        )

    def kind(self, tensor: str) -> str:
        """The operator that gives a tensor, "" for an input or a constant."""
        maker = self.makers.get(tensor)
        return maker.op_type if maker is not None else ""

    def only_user(self, node: Any, kind: str) -> Any | None:
        """What takes a node's output, if that is one node of this kind."""
        users = self.users.get(node.output[0], [])
        return users[0] if len(users) == 1 and users[0].op_type == kind else None

    def constant(self, tensor: str) -> NDArray[Any]:
        """The value of a constant."""
        value: NDArray[Any] = self.onnx.numpy_helper.to_array(self.weights[tensor])
        return value

    def attributes(self, node: Any) -> dict[str, Any]:
        """A node's attributes by name."""
        return {each.name: self.onnx.helper.get_attribute_value(each) for each in node.attribute}


@dataclass(slots=True)
class Sketch:
    """New nodes and constants whose names begin with `prefix`."""

    onnx: Any
    prefix: str
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def add(self, kind: str, *takes: str, gives: str = "", **attributes: Any) -> str:
        """A node of one output, whose name is returned."""
        name = gives or f"{self.prefix}/{kind}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, takes, [name], name=f"{name}_node", **attributes))
        return name

    def constant(self, value: Any) -> str:
        """A constant; whole numbers are int64 unless they come as an array."""
        name = f"{self.prefix}/constant_{len(self.weights)}"
        self.weights.append(self.onnx.numpy_helper.from_array(np.asarray(value), name))
        return name
