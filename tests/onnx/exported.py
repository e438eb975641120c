#!/usr/bin/python3
"""Networks that swarmsim wrote, read by ONNX's own package: they pass its checker and shape inference, and compute what
the layers mean (agents/nn/architecture.hpp), both worked out here in double precision.

usage: exported.py UNIT_IO
UNIT_IO is the unit test program of sim/io; it writes the networks of tests/unit/io/onnx_nets.hpp. Exit code 77 means:
python3-onnx is not installed.

Results may differ by 1e-5 of the largest number: files hold 1/sqrt(2) and 1/sqrt(head width) as float32 (6e-8), and a
dozen layers may each double that.
"""
import math
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnx.checker
    import onnx.numpy_helper
    import onnx.shape_inference
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ERF = np.vectorize(math.erf)
ACTIVATIONS = {"none": lambda x: x, "relu": lambda x: np.maximum(x, 0), "tanh": np.tanh,
               "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "gelu": lambda x: x / 2 * (1 + ERF(x / math.sqrt(2)))}
# As in onnx_nets.hpp: (rows, width), layers.
LINEAR, CONV, ATTENTION = "linear", "conv", "attention"
NETWORKS = [
    ((1, 64), [(LINEAR, 128, "relu"), (LINEAR, 10, "none")]),
    ((1, 3), [(LINEAR, 1, "none")]),
    ((1, 5), [(LINEAR, 7, "tanh"), (LINEAR, 6, "sigmoid"), (LINEAR, 4, "gelu"), ("softmax",)]),
    ((16, 4), [(CONV, 5, 2, 1, 2, 2, "relu"), (LINEAR, 12, "gelu"), ("mean",), (LINEAR, 3, "none")]),
    ((9, 3), [(CONV, 3, 1, 4, 0, 0, "sigmoid"), (LINEAR, 5, "none")]),
    ((1, 6), [(CONV, 3, 1, 1, 2, 2, "none"), (CONV, 2, 1, 1, 0, 0, "tanh"), ("flatten",), (LINEAR, 2, "none")]),
    ((7, 1), [("words", 50, 8), ("positions",), (ATTENTION, 2, 0, False, False), ("norm", 1e-5), ("flatten",),
              (LINEAR, 5, "none"), ("softmax",)]),
    ((1, 1), [("words", 9, 4), (ATTENTION, 2, 0, True, True), (LINEAR, 3, "none")]),
    ((6, 8), [(ATTENTION, 4, 3, False, False), (ATTENTION, 1, 0, True, True), (ATTENTION, 2, 2, True, True),
              ("norm", 1e-3), ("mean",), (LINEAR, 2, "none")]),
    ((4, 6), [(ATTENTION, 3, 0, False, True), (LINEAR, 12, "gelu"), (LINEAR, 6, "none"), ("norm", 1e-5), ("softmax",)]),
    ((1, 5), [("positions",), ("norm", 1e-5), (LINEAR, 3, "none"), ("positions",), ("softmax",)]),
    ((3, 5), [(LINEAR, 4, "none"), ("positions",), (LINEAR, 4, "relu"), ("positions",), ("flatten",),
              (LINEAR, 1, "none")]),
]


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# ---- what the layers mean, sample by sample ----------------------------------------------------------------------

class Parameters:
    def __init__(self, numbers):
        self.numbers, self.at = numbers, 0

    def take(self, *dims):
        n = math.prod(dims)
        self.at += n
        return self.numbers[self.at - n:self.at].reshape(dims)


def attend(x, p, heads, top_keys, causal, residual):
    rows, width = x.shape
    depth = width // heads
    projected = [x @ p.take(width, width) + p.take(width) for _ in range(3)]
    joined = np.zeros((rows, width))
    for h in range(heads):
        q, k, v = (part[:, h * depth:(h + 1) * depth] for part in projected)
        for i in range(rows):
            scores = {j: q[i] @ k[j] / math.sqrt(depth) for j in range(i + 1 if causal else rows)}
            kept = sorted(scores, key=lambda j: (-scores[j], j))[:top_keys or None]
            shares = softmax(np.array([scores[j] for j in kept]))
            joined[i, h * depth:(h + 1) * depth] = sum(s * v[j] for s, j in zip(shares, kept))
    y = joined @ p.take(width, width) + p.take(width)
    return x + y if residual else y


def convolve(x, p, taps, stride, dilation, before, after):
    w, b = p.take(taps, x.shape[1]), p.take(x.shape[1])
    padded = np.vstack([np.zeros((before, x.shape[1])), x, np.zeros((after, x.shape[1]))])
    reach = (taps - 1) * dilation + 1
    return np.array([b + sum(w[t] * padded[i + t * dilation] for t in range(taps))
                     for i in range(0, len(padded) - reach + 1, stride)])


def meaning(layers, numbers, x):
    p = Parameters(numbers)
    for kind, *a in layers:
        if kind == LINEAR:
            x = ACTIVATIONS[a[1]](x @ p.take(x.shape[1], a[0]) + p.take(a[0]))
        elif kind == CONV:
            x = ACTIVATIONS[a[5]](convolve(x, p, *a[:5]))
        elif kind == ATTENTION:
            x = attend(x, p, *a)
        elif kind == "norm":
            gain, offset = p.take(x.shape[1]), p.take(x.shape[1])
            x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + a[0]) * gain + offset
        elif kind == "words":
            x = p.take(*a)[x[:, 0].astype(int)]
        elif kind == "positions":
            x = x + p.take(*x.shape)
        elif kind == "flatten":
            x = x.reshape(1, -1)
        elif kind == "mean":
            x = x.mean(0, keepdims=True)
        else:
            x = softmax(x)
    return x, p.at


# ---- what the file says, by the definitions of ONNX's operators --------------------------------------------------

def conv(x, w, b, group, strides, dilations, pads, **_):
    assert group == x.shape[1] == w.shape[0] and w.shape[1] == 1
    x = np.pad(x, ((0, 0), (0, 0), tuple(pads)))
    reach = (w.shape[2] - 1) * dilations[0] + 1
    return np.stack([(x[:, :, i:i + reach:dilations[0]] * w[:, 0]).sum(-1) + b
                     for i in range(0, x.shape[2] - reach + 1, strides[0])], axis=-1)


def top_k(x, k, axis):
    order = np.argsort(-x, axis=axis, kind="stable")
    places = np.take(order, range(int(k[0])), axis)
    return np.take_along_axis(x, places, axis), places


def scatter(data, places, updates, axis):
    out = data.copy()
    np.put_along_axis(out, places, updates, axis)
    return out


def reshape(x, shape):
    return x.reshape([x.shape[i] if d == 0 else d for i, d in enumerate(shape)])


def norm(x, gain, offset, axis, epsilon):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon) * gain + offset


OPERATORS = {
    "Gemm": lambda x, w, b: x @ w + b, "MatMul": np.matmul, "Add": np.add, "Mul": np.multiply, "Div": np.divide,
    "Erf": ERF,
    "Relu": ACTIVATIONS["relu"], "Tanh": np.tanh, "Sigmoid": ACTIVATIONS["sigmoid"], "Conv": conv, "TopK": top_k,
    "Transpose": lambda x, perm: x.transpose(perm), "Reshape": reshape,
    "Flatten": lambda x, axis: x.reshape(len(x), -1),
    "Split": lambda x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], axis), "Softmax": lambda x, axis: softmax(x),
    "Shape": lambda x: np.array(x.shape), "ConstantOfShape": lambda shape, value: np.full(shape, value[0]),
    "ScatterElements": scatter,
    "LayerNormalization": norm, "Gather": lambda table, ids, axis: table[ids],
    "ReduceMean": lambda x, axes, keepdims: x.mean(tuple(axes), keepdims=bool(keepdims)),
}


def run(model, x):
    def number(tensor):
        array = onnx.numpy_helper.to_array(tensor)
        return array.astype(float) if array.dtype == np.float32 else array

    def value(attribute):
        found = onnx.helper.get_attribute_value(attribute)
        return number(found) if isinstance(found, onnx.TensorProto) else found
    values = {t.name: number(t) for t in model.graph.initializer} | {model.graph.input[0].name: x}
    for node in model.graph.node:
        result = OPERATORS[node.op_type](*[values[i] for i in node.input], **{a.name: value(a) for a in node.attribute})
        results = result if isinstance(result, (tuple, list)) else [result]
        assert len(results) == len(node.output), node.name
        values.update(zip(node.output, results))
    return values[model.graph.output[0].name]


# ---- the comparison ----------------------------------------------------------------------------------------------

def extents(value):
    return [d.dim_value if d.HasField("dim_value") else d.dim_param for d in value.type.tensor_type.shape.dim]


def alike(model, network, numbers, random):
    """Whether file and meaning agree, for batches of one and of three."""
    (rows, width), layers = network
    words = layers[0][0] == "words"
    for batch in (1, 3):
        x = random.integers(0, layers[0][1], (batch, rows, 1)) if words else random.normal(size=(batch, rows, width))
        got = run(model, x[:, :, 0] if words else x if rows > 1 else x[:, 0])
        for sample in range(batch):
            wanted, used = meaning(layers, numbers, x[sample].astype(float))
            assert used == len(numbers), "the list of networks differs from onnx_nets.hpp"
            flat = got[sample].reshape(-1)
            wanted = wanted.reshape(-1)
            if flat.shape != wanted.shape or np.abs(flat - wanted).max() > 1e-5 * max(1, np.abs(wanted).max()):
                return False
    return True


def mutants(layers):
    """The layers with one of their properties changed at a time."""
    def other(activation):
        return "tanh" if activation != "tanh" else "none"
    changes = {LINEAR: {1: other}, CONV: {5: other}, "norm": {0: lambda epsilon: epsilon + 0.5},
               ATTENTION: {1: lambda keys: 1 if keys != 1 else 2, 2: lambda causal: not causal, 3: lambda residual: not residual}}
    for i, (kind, *a) in enumerate(layers):
        for place, change in changes.get(kind, {}).items():
            yield layers[:i] + [(kind, *a[:place], change(a[place]), *a[place + 1:])] + layers[i + 1:]


def without_choice(layers):
    """Of attention to one row: which keys are seen makes no difference."""
    return [(kind, a[0], a[3]) if kind == ATTENTION else (kind, *a) for kind, *a in layers]


def main(unit_io):
    random = np.random.default_rng(1)
    faults, noticed = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([unit_io, "--gtest_also_run_disabled_tests",
                        "--gtest_filter=OnnxFile.DISABLED_WriteForOtherReaders"],
                       env=dict(os.environ, SWARM_ONNX_FOLDER=name), check=True, stdout=subprocess.DEVNULL)
        if len(list(folder.glob("*.onnx"))) != len(NETWORKS):
            faults.append("onnx_nets.hpp has another number of networks")
        for n, network in enumerate(NETWORKS):
            model = onnx.load(str(folder / f"net{n}.onnx"))
            onnx.checker.check_model(model, full_check=True)
            inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
            numbers = np.fromfile(folder / f"net{n}.f32", np.float32).astype(float)
            if extents(inferred.graph.output[0])[0] != "batch" or extents(model.graph.input[0])[0] != "batch":
                faults.append(f"net{n}: the batch is not free")
            if not alike(model, network, numbers, random):
                faults.append(f"net{n}: the file computes something else than its layers mean")
            for layers in mutants(network[1]):
                if network[0][0] == 1 and without_choice(layers) == without_choice(network[1]):
                    continue
                noticed += 1
                if alike(model, (network[0], layers), numbers, random):
                    faults.append(f"net{n}: {layers} would pass, too")
    print(*faults, sep="\n")
    print(f"{len(NETWORKS)} networks, {noticed} changed ones, {len(faults)} faults")
    return 1 if faults or noticed < 20 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
