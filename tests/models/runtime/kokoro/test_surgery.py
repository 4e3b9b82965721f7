import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from tutti.errors import ModelFileError
from tutti.models.runtime.kokoro import surgery
from tutti.models.runtime.kokoro.surgery import cut_graphs

# A network with Kokoro's seams and no weights: every step is one sum or product that a test can follow.
STEPS = [
    ("Mul", ["tokens_f", "speed"], "/encoder/Div_output_0"),
    ("Round", ["/encoder/Div_output_0"], "rounded"),
    ("Squeeze", ["rounded"], "flat"),
]
FEATURES = "/decoder/decoder/decode.3/Div_4_output_0"


def whole_graph(path: Path, *, without: str = "") -> Path:
    nodes = [
        helper.make_node("Cast", ["tokens"], ["tokens_f"], to=TensorProto.FLOAT),
        *(helper.make_node(kind, takes, [gives]) for kind, takes, gives in STEPS),
        helper.make_node("Cast", ["flat"], ["/encoder/Gather_output_0"], to=TensorProto.INT64),
        helper.make_node("Cast", ["/encoder/Gather_output_0"], ["frames_f"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["tokens_f", "frames_f"], ["/encoder/Reshape_output_0"]),
        helper.make_node("Sub", ["tokens_f", "frames_f"], ["/encoder/Reshape_1_output_0"]),
        helper.make_node("Mul", ["/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"], ["product"]),
        helper.make_node("Constant", [], ["one"], value=helper.make_tensor("one", TensorProto.INT64, [1], [1])),
        helper.make_node("Unsqueeze", ["product", "one"], [FEATURES]),
        helper.make_node("Add", [FEATURES, "/encoder/Reshape_output_0"], ["sum"]),
        helper.make_node("Squeeze", ["sum"], ["audio"]),
    ]
    for node in nodes:
        node.output[:] = [f"other_{name}" if name == without else name for name in node.output]
        node.input[:] = [f"other_{name}" if name == without else name for name in node.input]
    takes = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "t"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    gives = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["t"])]
    graph = helper.make_graph(nodes, "whole", takes, gives)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), os.fspath(path))
    return path


def run(path: Path, **feeds: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    return session.run(None, {name: feed for name, feed in feeds.items() if name in wanted})


def test_pieces_compute_what_the_whole_does_between_their_seams(tmp_path):
    pieces = cut_graphs(whole_graph(tmp_path / "whole.onnx"), tmp_path / "cuts")
    tokens, style = np.array([[2, 3]]), np.zeros((1, 256), np.float32)
    frames = run(pieces["durations"], tokens=tokens, style=style, speed=np.array([2.0], np.float32))
    assert np.array_equal(frames[0], [[4.0, 6.0]])
    prosody = run(pieces["prosody"], tokens=tokens, style=style, frames=np.array([10, 20]))
    assert [list(curve[0]) for curve in prosody] == [[12.0, 23.0], [-8.0, -17.0]]
    curves = {"f0": np.array([[5.0, 6.0]], np.float32), "energy": np.array([[7.0, 8.0]], np.float32)}
    features = run(pieces["articulation"], tokens=tokens, style=style, frames=np.array([1, 1]), **curves)
    assert list(features[0][0, 0]) == [35.0, 48.0]
    audio = run(pieces["sound"], features=np.array([[[1.0, 2.0]]], np.float32), style=style, f0=curves["f0"])
    assert list(audio[0]) == [6.0, 8.0]


def test_pieces_are_cut_once(tmp_path):
    model = whole_graph(tmp_path / "whole.onnx")
    first = cut_graphs(model, tmp_path / "cuts")
    stamps = [path.stat().st_mtime_ns for path in first.values()]
    assert cut_graphs(model, tmp_path / "cuts") == first
    assert [path.stat().st_mtime_ns for path in first.values()] == stamps


def test_pieces_of_another_file_lie_elsewhere(tmp_path):
    first = cut_graphs(whole_graph(tmp_path / "one.onnx"), tmp_path / "cuts")
    other = whole_graph(tmp_path / "two.onnx")
    other.write_bytes(other.read_bytes() + helper.make_graph([], "", [], []).SerializeToString())
    assert set(cut_graphs(other, tmp_path / "cuts").values()).isdisjoint(first.values())


def test_processors_that_compute_differently_share_no_pieces(tmp_path, monkeypatch):
    model = whole_graph(tmp_path / "whole.onnx")
    found = []
    for is_exact in (True, False):
        monkeypatch.setattr(surgery, "has_exact_signed_products", lambda is_exact=is_exact: is_exact)
        found.append(set(cut_graphs(model, tmp_path / "cuts").values()))
    assert found[0].isdisjoint(found[1])


def test_what_earlier_revisions_cut_is_removed(tmp_path, monkeypatch):
    model, cuts = whole_graph(tmp_path / "whole.onnx"), tmp_path / "cuts"
    monkeypatch.setattr(surgery, "_REVISION", 9)
    for is_exact in (True, False):
        monkeypatch.setattr(surgery, "has_exact_signed_products", lambda is_exact=is_exact: is_exact)
        old = cut_graphs(model, cuts)["sound"].parent
    name = old.name.partition("-")[0]
    others = [cuts / "another-1", cuts / f"{name}-99"]
    for other in others:
        other.mkdir()
    monkeypatch.setattr(surgery, "_REVISION", 10)
    new = cut_graphs(model, cuts)["sound"].parent
    assert sorted(cuts.iterdir()) == sorted([new, *others])


def test_cutting_at_once_leaves_one_set_and_no_remains(tmp_path):
    model = whole_graph(tmp_path / "whole.onnx")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: cut_graphs(model, tmp_path / "cuts"), range(8)))
    assert all(pieces == found[0] for pieces in found)
    assert [path.name for path in (tmp_path / "cuts").iterdir()] == [found[0]["sound"].parent.name]


@pytest.mark.parametrize("seam", ["/encoder/Div_output_0", "/encoder/Reshape_1_output_0", FEATURES])
def test_another_export_is_refused_and_leaves_nothing(tmp_path, seam):
    model = whole_graph(tmp_path / "whole.onnx", without=seam)
    with pytest.raises(ModelFileError, match="another export"):
        cut_graphs(model, tmp_path / "cuts")
    assert list((tmp_path / "cuts").iterdir()) == []


def test_missing_file_names_the_way_to_fetch_it(tmp_path):
    with pytest.raises(ModelFileError, match="tutti models pull"):
        cut_graphs(tmp_path / "absent.onnx", tmp_path / "cuts")
