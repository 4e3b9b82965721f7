"""Small graphs with the export's patterns, computed before and after."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import NodeProto, TensorProto, helper, numpy_helper

from tutti.models.runtime.kokoro.rewriting import rewrite
from tutti.models.runtime.processor import has_exact_signed_products

CHANNELS, OUTPUTS = 3, 5
WEIGHT_SCALE = 0.01
node = helper.make_node

exactly = pytest.mark.skipif(not has_exact_signed_products(), reason="this processor does not sum products exactly")


def model(nodes: Sequence[NodeProto], **constants: np.ndarray) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, CHANNELS, "t"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "c", "u"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(whole: onnx.ModelProto, sound: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(whole.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": sound})[0]


def rewritten(whole: onnx.ModelProto, *, with_products: bool = True) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(whole)
    rewrite(onnx, copy.graph, with_products=with_products)
    onnx.checker.check_model(copy)
    return copy


def kinds(whole: onnx.ModelProto) -> set[str]:
    return {each.op_type for each in whole.graph.node}


def convolution(
    rng: np.random.Generator, width: int, *, has_bias: bool, group: int = 1, name: str = "conv", **shape
) -> onnx.ModelProto:
    """As ONNX Runtime's quantiser writes a convolution, its bias counted in the scale of the sums."""
    bias = [
        node("Div", ["bias", "scale"], ["counted"]),
        node("Floor", ["counted"], ["rounded"]),
        node("Cast", ["rounded"], ["whole"], to=TensorProto.INT32),
        node("Reshape", ["whole", "column"], ["shaped"]),
        node("Add", ["sums", "shaped"], ["all"]),
    ]
    nodes = [
        node("DynamicQuantizeLinear", ["x"], ["bytes", "x_scale", "x_zero"]),
        node("ConvInteger", ["bytes", "w", "x_zero", "w_zero"], ["sums"], name=name, group=group, **shape),
        node("Mul", ["x_scale", "w_scale"], ["scale"]),
        *(bias if has_bias else ()),
        node("Cast", ["all" if has_bias else "sums"], ["numbers"], to=TensorProto.FLOAT),
        node("Mul", ["numbers", "scale"], ["y"]),
    ]
    return model(
        nodes,
        w=rng.integers(0, 256, (OUTPUTS if group == 1 else CHANNELS, CHANNELS // group, width)).astype(np.uint8),
        w_zero=np.uint8(rng.integers(0, 256)),
        w_scale=np.float32(WEIGHT_SCALE),
        bias=rng.standard_normal(OUTPUTS).astype(np.float32),
        column=np.array([1, -1, 1]),
    )


@exactly
@given(
    seed=st.integers(0, 1000),
    width=st.integers(1, 12),
    stride=st.integers(1, 6),
    dilation=st.integers(1, 5),
    pads=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    has_bias=st.booleans(),
    more=st.integers(0, 40),
)
def test_a_convolution_gives_the_same_sums_as_a_product(seed, width, stride, dilation, pads, has_bias, more):
    rng = np.random.default_rng(seed)
    whole = convolution(rng, width, has_bias=has_bias, strides=[stride], dilations=[dilation], pads=list(pads))
    sound = rng.standard_normal((1, CHANNELS, dilation * (width - 1) + 1 + more)).astype(np.float32)
    product = rewritten(whole)
    assert "ConvInteger" not in kinds(product)
    expected = run(whole, sound)
    # The bias was rounded down to whole units of the sums.
    unit = WEIGHT_SCALE * (max(0, sound.max()) - min(0, sound.min())) / 255 if has_bias else 0.0
    assert np.allclose(run(product, sound), expected, rtol=1e-5, atol=1.01 * unit + 1e-6)


@pytest.mark.parametrize("with_products", [True, False])
@pytest.mark.parametrize("has_bias", [True, False])
def test_the_last_stage_does_not_round_what_comes_in(with_products, has_bias):
    rng = np.random.default_rng(4)
    shape = {"strides": [1], "dilations": [3], "pads": [6, 6]}
    name = "/generator/resblocks.4/convs1.1/Conv_quant"
    whole = convolution(rng, 5, has_bias=has_bias, name=name, **shape)
    sound = rng.standard_normal((1, CHANNELS, 60)).astype(np.float32)
    floats = rewritten(whole, with_products=with_products)
    assert kinds(floats) & {"Conv", "ConvInteger", "MatMulInteger"} == {"Conv"}
    held = {each.name: numpy_helper.to_array(each) for each in whole.graph.initializer}
    weights = (held["w"].astype(np.float64) - held["w_zero"]) * WEIGHT_SCALE
    padded = np.pad(sound[0], ((0, 0), (6, 6)))
    expected = np.zeros((OUTPUTS, 60)) + (held["bias"][:, None] if has_bias else 0)
    for tap in range(5):
        expected += weights[:, :, tap] @ padded[:, 3 * tap : 3 * tap + 60]
    assert np.allclose(run(floats, sound)[0], expected, atol=1e-4)


def test_without_products_other_convolutions_stay():
    whole = convolution(np.random.default_rng(1), 3, has_bias=True, strides=[1], dilations=[1], pads=[1, 1])
    assert kinds(rewritten(whole, with_products=False)) == kinds(whole)


def test_a_convolution_in_groups_stays():
    whole = convolution(
        np.random.default_rng(1), 3, has_bias=False, group=CHANNELS, strides=[1], dilations=[1], pads=[1, 1]
    )
    assert kinds(rewritten(whole)) == kinds(whole)


def test_sums_that_are_used_twice_stay():
    whole = convolution(np.random.default_rng(1), 3, has_bias=False, strides=[1], dilations=[1], pads=[1, 1])
    whole.graph.node.append(node("Cast", ["sums"], ["also"], to=TensorProto.INT64))
    assert "ConvInteger" in kinds(rewritten(whole))


def adaptive_norm(*, axis: int = 2) -> onnx.ModelProto:
    rng = np.random.default_rng(2)
    nodes = [
        node("ReduceMean", ["x", "axis"], ["mean"], keepdims=1),
        node("Sub", ["x", "mean"], ["apart"]),
        node("Mul", ["apart", "apart"], ["square"]),
        node("ReduceMean", ["square", "axis"], ["variance"], keepdims=1),
        node("Add", ["variance", "epsilon"], ["more"]),
        node("Sqrt", ["more"], ["spread"]),
        node("Div", ["apart", "spread"], ["normal"], name="norm"),
        node("Mul", ["scale", "normal"], ["scaled"]),
        node("Add", ["scaled", "shift"], ["y"]),
    ]
    return model(
        nodes,
        axis=np.array([axis]),
        epsilon=np.float32(1e-5),
        scale=rng.standard_normal((1, CHANNELS, 1)).astype(np.float32),
        shift=rng.standard_normal((1, CHANNELS, 1)).astype(np.float32),
    )


def test_an_adaptive_norm_is_one_operator():
    whole = adaptive_norm()
    sound = np.random.default_rng(3).standard_normal((1, CHANNELS, 500)).astype(np.float32) * 4 + 2
    norm = rewritten(whole)
    assert "InstanceNormalization" in kinds(norm)
    assert "Div" not in kinds(norm)
    assert np.allclose(run(norm, sound), run(whole, sound), atol=1e-5)


def test_a_norm_across_channels_stays():
    whole = adaptive_norm(axis=1)
    assert kinds(rewritten(whole)) == kinds(whole)


def test_a_division_by_another_root_stays():
    whole = model([node("Sqrt", ["two"], ["root"]), node("Div", ["x", "root"], ["y"])], two=np.float32(2))
    assert kinds(rewritten(whole)) == {"Sqrt", "Div"}
