"""A table of written programs: every primitive, in every form that texts give it."""

from tests.oracle.programs.compared import Program

MATRIX, CUBE = {"x": (2, 3)}, {"x": (2, 3, 2)}

OF_ONE = (
    *("tanh", "sigmoid", "relu", "softplus", "log_sigmoid", "gelu", "silu"),
    *("abs", "sin", "cos", "exp"),
)

ATTENTION = """def attention(q, k, v):
    scores = q @ k.T / 2
    weights = softmax(scores)
    return weights @ v
"""

OF_PRIMITIVES = {
    program.text: program
    for program in (
        # The four operations, with whatever numpy repeats
        Program("o = x + y", {"x": (2, 3), "y": (3,)}),
        Program("o = x - y", {"x": (2, 1, 3), "y": (4, 1)}),
        Program("o = x * y", {"x": (2, 3), "y": (2, 1)}),
        Program("o = x*y*x", {"x": (2, 1, 2), "y": (3, 1)}),
        Program("o = x / y", {"x": (3,), "y": ()}),
        Program("o = y / x", {"x": (1, 3), "y": (2, 1)}),
        Program("o = x**3", {"x": (2, 2)}),
        Program("o = x**1", {"x": (2, 2)}),
        Program("o = x**0", {"x": (2,)}),
        Program("o = (x*x+1)**-0.5", {"x": (2,)}),
        Program("o = (x*x+1)**1.5", {"x": (2,)}),
        Program("o = x**-2", {"x": (2,)}),
        Program("o = -x*2 + 3/4", {"x": (2,)}),
        Program("o = 2/x - (1 - x)", {"x": (2,)}),
        # Functions
        Program("o = exp(x)*sin(y)+cos(x)", {"x": (2,), "y": (2,)}),
        Program("o = log(x*x+1)", {"x": (3,)}),
        Program("o = sqrt(x*x+1)", {"x": (3,)}),
        *(Program(f"o = {name}(x)", MATRIX) for name in OF_ONE),
        # Those that choose
        Program("o = maximum(x, y)", {"x": (2, 3), "y": (3,)}),
        Program("o = maximum(x, 0.5)*x", MATRIX),
        Program("o = minimum(x, y)", {"x": (2, 3), "y": (2, 1)}),
        Program("o = clip(x, -1, 1)", MATRIX),
        Program("o = where(x > y, x*x, y)", {"x": (2, 3), "y": (2, 3)}),
        Program("o = where(x < 0.5, x, y)", {"x": (3,), "y": (3,)}),
        Program("o = where(x >= y, x, 0)*y", {"x": (3,), "y": ()}),
        Program("o = where((x > y) * (y < 0.5), x*x, y)", {"x": (2, 3), "y": (2, 3)}),
        Program("o = where(m, x, y)", {"x": (2, 3), "y": (3,)}, masks={"m": (2, 3)}),
        Program("o = m * x / 0.5", {"x": (2, 3)}, masks={"m": (2, 3)}),
        Program("o = x * stop_gradient(x)", MATRIX),
        # Products
        Program("o = x @ y", {"x": (2, 3), "y": (3, 4)}),
        Program("o = x @ y ", {"x": (3,), "y": (3, 4)}),
        Program("o = x @ y  ", {"x": (2, 3), "y": (3,)}),
        Program("o = x @ y   ", {"x": (3,), "y": (3,)}),
        Program("o = x@y", {"x": (5, 2, 3), "y": (5, 3, 4)}),
        Program("o = x@y ", {"x": (5, 2, 3), "y": (3, 4)}),
        Program("o = x@y  ", {"x": (2, 5, 2, 3), "y": (5, 3, 4)}),
        Program("o = x@y   ", {"x": (3,), "y": (2, 3, 4)}),
        Program("o = outer(x, y)", {"x": (2,), "y": (3,)}),
        Program("o = np.dot(x, y)", {"x": (2, 3), "y": (3, 2)}),
        Program("o = x.dot(y)", {"x": (3,), "y": (3,)}),
        # Reductions
        Program("o = sum(x)", MATRIX),
        Program("o = x.sum(axis=0)", MATRIX),
        Program("o = sum(x, axis=(0,2), keepdims=True)", {"x": (2, 3, 4)}),
        Program("o = mean(x, axis=1)", MATRIX),
        Program("o = mean(x, 0) * x.mean()", MATRIX),
        Program("o = var(x, axis=-1, keepdims=True)", MATRIX),
        Program("o = var(x, axis=0, ddof=1)", {"x": (4, 3)}),
        Program("o = var(x)", MATRIX),
        Program("o = max(x, axis=1)", MATRIX),
        Program("o = max(x, axis=(0, 2), keepdims=True)", CUBE),
        Program("o = max(x)", MATRIX),
        Program("o = min(x, axis=0)", MATRIX),
        Program("o = min(x, keepdims=True)*x", MATRIX),
        Program("o = norm(x)", MATRIX),
        Program("o = norm(x, axis=1, keepdims=True)*x", MATRIX),
        Program("o = np.linalg.norm(x - 1, axis=0)", MATRIX),
        Program("o = cumsum(x, axis=1)", MATRIX),
        Program("o = cumsum(x)", {"x": (4,)}),
        Program("o = cumsum(x, axis=0)", CUBE),
        # Exponentials
        Program("o = softmax(x)", MATRIX),
        Program("o = softmax(x, axis=0)", MATRIX),
        Program("o = softmax(x, axis=1)", CUBE),
        Program("o = softmax(where(m, x, -inf))", MATRIX, masks={"m": (2, 3)}),
        Program("o = softmax(where(m, x, -1e9), axis=0)", MATRIX, masks={"m": (2, 3)}),
        Program("o = softmax(where(m, x*y, -np.inf))", {**CUBE, "y": ()}, masks={"m": (3, 2)}),
        Program("o = softmax(where(x > y, 2*x, -inf), axis=1)", {"x": (2, 4), "y": (2, 1)}, seed=3),
        Program("o = log_softmax(x, axis=-1)", MATRIX),
        Program("o = log_softmax(x, axis=0)", CUBE),
        Program("o = logsumexp(x)", MATRIX),
        Program("o = logsumexp(x, axis=1)", MATRIX),
        Program("o = logsumexp(x, axis=0, keepdims=True)", CUBE),
        Program("o = logsumexp(x, axis=(0, 2))", CUBE),
        Program("o = logsumexp(x, axis=(-1, 1), keepdims=True)", CUBE),
        Program("o = var(x, axis=(1,), ddof=1.0)", MATRIX),
        # What moves entries
        Program("o = x.T @ x", MATRIX),
        Program("o = x.T * 2", CUBE),
        Program("o = transpose(x, (1, 0, 2))*2", CUBE),
        Program("o = x.transpose(2, 0, 1)*x.transpose((2, 0, 1))", CUBE),
        Program("o = x.transpose() @ x", MATRIX),
        Program("o = sum(x, axis=())*x", MATRIX),
        Program("o = swapaxes(x, 0, 2)", CUBE),
        Program("o = reshape(x, (3, -1))", MATRIX),
        Program("o = x.reshape(3, 2)", MATRIX),
        Program("o = x[1]", MATRIX),
        Program("o = x[:, 1:]*x[:, :2]", MATRIX),
        Program("o = x[0, -1]", MATRIX),
        Program("o = x[::-1, 0]", MATRIX),
        Program("o = concatenate([x, y], axis=1)", {"x": (2, 3), "y": (2, 1)}),
        Program("o = pad(x, ((0, 0), (2, 1))) * y", {"x": (2, 3), "y": (2, 6)}),
        Program(
            "o = where(pad(m, (1, 0)), pad(x, (1, 0)), y) * sum(where(m.T.reshape(2, 3), x, 2))",
            {"x": (2, 3), "y": (3, 4)},
            masks={"m": (2, 3)},
        ),
        Program(
            "o = where(concatenate([m, x > 0], axis=1), 3 * z, z)",
            {"x": (2, 3), "z": (2, 6)},
            masks={"m": (2, 3)},
        ),
        Program("o = pad(x, 1, constant_values=0.0)", {"x": (2, 2)}),
        Program("o = np.pad(x, ((0, 0), (0, 0), (1, 1)), mode='constant')", {"x": (2, 1, 2)}),
        Program("o = concatenate([x, y, x])", {"x": (2,), "y": (1,)}),
        Program("o = stack([x, y])", {"x": (2,), "y": (2,)}),
        Program("o = stack([x, y], axis=1)", {"x": (2, 2), "y": (2, 2)}),
        Program("o = x[[0, 2, 2, -1]]", {"x": (3, 2)}),
        Program("o = x[:, [[0, 1, 3], [1, 2, 3]], 1:]", {"x": (2, 4, 3)}),
        Program("o = x[[0, 1, 1], [2, 0, 0]]", {"x": (2, 3)}),
        Program("o = E[ids]", {"E": (5, 2)}, integers={"ids": ((4,), 0, 4)}),
        Program("o = E[ids] ", {"E": (3, 2)}, integers={"ids": ((2, 3), 0, 2)}),
        Program("o = x[np.arange(3), y]", {"x": (3, 4)}, integers={"y": ((3,), 0, 3)}),
        # Indices of which none reaches the last row or column, and the same into two tables
        Program("o = E[ids]  ", {"E": (5, 2)}, integers={"ids": ((4,), 1, 2)}),
        Program("o = x[arange(3), y]", {"x": (3, 4)}, integers={"y": ((3,), 0, 1)}),
        Program("o = E[ids] + P[ids]", {"E": (3, 2), "P": (5, 2)}, integers={"ids": ((4,), 0, 2)}),
    )
}
"""By their texts; where one text stands for several shapes, spaces tell them apart."""

BATCH_NORMALIZATION = """mu = mean(x, axis=0)
xc = x - mu
v = mean(xc**2, axis=0)
inv = (v + 0.001)**-0.5
xhat = xc*inv
o = gamma*xhat+beta"""

OF_LINES = {
    "a branch used twice": Program(
        "q = x + y\nr = q * x\ns = q + r\no = r * s", dict.fromkeys("xy", ())
    ),
    "a line that is a given": Program("q = x\no = q * x", {"x": (2,)}),
    "a line that is a number": Program("c = 3\no = c * x", {"x": (2,)}),
    "a condition that chooses and is multiplied": Program(
        "k = x > 0\no = where(k, x*x, 2) + k*y", {"x": (4,), "y": (4,)}
    ),
    "conditions made of conditions": Program(
        "k = x > 0\nj = (y > 0) * k\no = where(j, x*y, y) + k*x + (1 - j) * sin(y)",
        {"x": (4,), "y": (4,)},
        seed=3,
    ),
    "conditions that conditions choose": Program(
        "k = x > 0\nj = where(y > 0, k, x > 1)\no = where(j, x*x, y) + k*x", {"x": (4,), "y": (4,)}
    ),
    "two lines with upstream gradients": Program(
        "h = tanh(x)\na = h*h\nb = h + x", {"x": (2, 3)}, upstream=("a", "b")
    ),
    "an MLP": Program(
        "h = relu(x @ W + b)\ns = h @ V + c\no = mean((s - y)**2)",
        {"x": (3, 2), "W": (2, 4), "b": (4,), "V": (4, 2), "c": (2,), "y": (3, 2)},
    ),
    "cross-entropy": Program(
        "s = x @ W\np = log_softmax(s)\no = -mean(p[arange(4), t])",
        {"x": (4, 2), "W": (2, 3)},
        integers={"t": ((4,), 0, 2)},
    ),
    "embedding": Program(
        "h = E[ids]\nu = h.reshape(2, -1)\no = tanh(u @ W)",
        {"E": (4, 2), "W": (4, 3)},
        integers={"ids": ((2, 2), 0, 3)},
    ),
    "batch normalization": Program(BATCH_NORMALIZATION, {"x": (4, 3), "gamma": (3,), "beta": (3,)}),
    "layer normalization": Program(
        "m = mean(x, axis=-1, keepdims=True)\nv = var(x, axis=-1, keepdims=True)\n"
        "o = g * (x - m) / sqrt(v + 1e-5) + b",
        {"x": (2, 4), "g": (4,), "b": (4,)},
    ),
    "attention": Program(
        ATTENTION + "o = attention(x, y, z)", {"x": (3, 4), "y": (3, 4), "z": (3, 2)}
    ),
    "two heads": Program(
        ATTENTION
        + "a = x @ A\nb = x @ B\nh = attention(a, b, x)\ng = attention(b, a, x)\n"
        + "o = concatenate([h, g], axis=1)",
        {"x": (3, 2), "A": (2, 2), "B": (2, 2)},
    ),
    "causal attention": Program(
        "s = q @ k.T / sqrt(2)\np = softmax(where(m, s, -inf))\no = p @ v",
        {"q": (3, 2), "k": (3, 2), "v": (3, 2)},
        masks={"m": (3, 3)},
    ),
    "a function in a function": Program(
        "def affine(x, W):\n    z = x @ W\n    return z + 1\n"
        "def block(x, W):\n    h = affine(x, W)\n    a = tanh(h)\n    k = affine(a, W)\n"
        "    return k * x\n"
        "o = block(x, W)",
        {"x": (2, 2), "W": (2, 2)},
    ),
    "GRU": Program(
        "r = sigmoid(x @ Wr + h @ Ur)\nz = sigmoid(x @ Wz + h @ Uz)\n"
        "n = tanh(x @ Wn + r * (h @ Un))\no = (1 - z) * n + z * h",
        {"x": (2, 3), "h": (2, 2)}
        | dict.fromkeys(("Wr", "Wz", "Wn"), (3, 2))
        | dict.fromkeys(("Ur", "Uz", "Un"), (2, 2)),
    ),
}
"""Programs of several lines, by what they show."""
