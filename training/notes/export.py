"""Writes networks as ONNX, with what the run time must know of it in its metadata."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from adapters.audio.analysis.features import COLUMNS
from training.notes.network import DILATIONS, OUTPUTS, Parameters

OPSET: Final = 17
IR_VERSION: Final = 8
"""Old ones, which every onnxruntime of the last years runs."""


class _Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def weight(self, name: str, values: NDArray[np.float32]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    def conv(self, values: str, name: str, layer: dict[str, Any], dilation: int = 1) -> str:
        """Add a convolution; kernels turn from (width, inputs, outputs) to (outputs, inputs, width)."""
        kernel = np.asarray(layer["kernel"])
        reach = dilation * (kernel.shape[0] // 2)
        inputs = [values, self.weight(f"{name}.kernel", kernel.transpose(2, 1, 0))]
        inputs.append(self.weight(f"{name}.bias", np.asarray(layer["bias"])))
        return self.add("Conv", inputs, f"{name}.out", dilations=[dilation], pads=[reach, reach])


def write(members: Sequence[Parameters], path: Path, metadata: dict[str, str]) -> None:
    """Write networks as one model that tells the mean of their logits.

    In: `features`, shape (1, COLUMNS, frames). Out: `logits`, shape (1, OUTPUTS, frames).
    """
    graph = _Graph()
    told = [_layers(graph, f"member{number}.", member) for number, member in enumerate(members)]
    graph.add("Mean", told, "logits")
    inputs = helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, COLUMNS, "frames"])
    outputs = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, OUTPUTS, "frames"])
    built = helper.make_graph(graph.nodes, "note_model", [inputs], [outputs], graph.weights)
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _layers(graph: _Graph, name: str, parameters: Parameters) -> str:
    """Add a network to the graph, and return the name of its output."""
    mean = graph.weight(f"{name}mean", np.asarray(parameters["mean"])[None, :, None])
    deviation = graph.weight(f"{name}deviation", np.asarray(parameters["deviation"])[None, :, None])
    centred = graph.add("Sub", ["features", mean], f"{name}centred")
    standard = graph.add("Div", [centred, deviation], f"{name}standard")
    state = graph.conv(standard, f"{name}enter", parameters["enter"])
    for index, dilation in enumerate(DILATIONS):
        bent = graph.add("Relu", [state], f"{name}bent{index}")
        wide = graph.conv(bent, f"{name}wide{index}", parameters[f"wide{index}"], dilation)
        inner = graph.add("Relu", [wide], f"{name}inner{index}")
        back = graph.conv(inner, f"{name}back{index}", parameters[f"back{index}"])
        state = graph.add("Add", [state, back], f"{name}state{index}")
    return graph.conv(graph.add("Relu", [state], f"{name}last"), f"{name}leave", parameters["leave"])
