"""Write what is measured in `audit.md`: `python docs/make_audit.py`, or a part: `… worked`.

`worked` is the audit of `examples/audit`, and of the same tests with those pasted that it gives.
`styles` is a table of what tests of common styles let pass. Each style tests one two-layer softmax
network with a penalty, by a program that ends with 0 where its tests pass. All are audited with
every mistake that is known of it; it takes some minutes.
"""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gradgrade.problems import ProblemSet
from gradgrade.problems.audits.audited import Audited
from gradgrade.service.audit.auditing import audit, default_jobs
from gradgrade.service.audit.report import Audit
from gradgrade.service.audit.running import Command
from gradgrade.service.audit.writing import as_text

PAGE = Path(__file__).with_name("audit.md")
EXAMPLE = PAGE.parents[1] / "examples" / "audit"
BEGIN, END = "<!-- {}: python docs/make_audit.py -->\n", "<!-- its end -->\n"

MODULE = """
import numpy as np


class TwoLayerNet:
    def __init__(self, inputs, hidden, classes):
        self.params = {
            "W1": np.zeros((inputs, hidden)), "b1": np.zeros(hidden),
            "W2": np.zeros((hidden, classes)), "b2": np.zeros(classes),
        }

    def loss(self, X, y, reg):
        raise NotImplementedError
"""

SET = '''
schema = "gradgrade/problem-set/1"
name = "styles"
[[exercises]]
name = "net"
inputs = 4
layers = [
  { type = "dense", units = 5, activation = "relu" },
  { type = "dense", units = 3, activation = "softmax" },
]
loss = "cross_entropy"
regularization = { l2 = 0.1 }
batch = 4
convention = "row"
ask = ["loss", "gradients"]
[exercises.code]
script = """
net = TwoLayerNet(n0, n1, n2)
net.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
loss, grads = net.loss(x, np.argmax(y, axis=1), l2)
dW1, db1, dW2, db2 = (grads[name] for name in ("W1", "b1", "W2", "b2"))
"""
'''

HEAD = """
import numpy as np
from net import TwoLayerNet

rng = np.random.default_rng(0)
X, y = rng.normal(size=(6, 4)), np.array([0, 1, 2, 1, 0, 2])


def net_of(scale=1.0, bias=1.0):
    net = TwoLayerNet(4, 5, 3)
    for name, each in net.params.items():
        net.params[name] = rng.normal(size=each.shape) * (scale if name[0] == "W" else bias)
    return net


def right(net, X, y, reg):
    W1, b1, W2, b2 = (net.params[name] for name in ("W1", "b1", "W2", "b2"))
    h = np.maximum(0, X @ W1 + b1)
    p = np.exp(h @ W2 + b2)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean() + reg / 2 * ((W1**2).sum() + (W2**2).sum())
    d = (p - np.eye(3)[y]) / len(y)
    dh = d @ W2.T * (h > 0)
    dW1, dW2 = X.T @ dh + reg * W1, h.T @ d + reg * W2
    return {"loss": loss, "W1": dW1, "b1": dh.sum(0), "W2": dW2, "b2": d.sum(0)}


def answered(net, X, y, reg):
    loss, grads = net.loss(X, y, reg)
    return {"loss": loss, **grads}


def compared(net, X, y, close, reg=0.1):
    got, expected = answered(net, X, y, reg), right(net, X, y, reg)
    for name in expected:
        assert np.shape(got[name]) == np.shape(expected[name])
        assert close(got[name], expected[name]), name


def numerical(net, X, y, name, reg=0.1):
    kept, found = net.params[name], np.zeros_like(net.params[name])
    for at in np.ndindex(*kept.shape):
        step = np.zeros_like(kept)
        step[at] = 1e-5
        losses = []
        for net.params[name] in (kept + step, kept - step):
            losses.append(net.loss(X, y, reg)[0])
        found[at] = (losses[0] - losses[1]) / 2e-5
    net.params[name] = kept
    return found
"""

CHECK = """
net = net_of()
grads = net.loss(X, y, 0.1)[1]
for name in {names}:
    assert np.abs(grads[name] - numerical(net, X, y, name)).max() < 1e-7
"""

STYLES: Mapping[str, str] = {
    "the loss halves in 300 steps": """
net = net_of(0.1, 0.0)
first = net.loss(X, y, 0.0)[0]
for _ in range(300):
    for name, each in net.loss(X, y, 0.0)[1].items():
        net.params[name] = net.params[name] - 0.5 * each
assert net.loss(X, y, 0.0)[0] < first / 2
""",
    "values, small weights and biases of 0, `atol=1e-2`": """
compared(net_of(1e-2, 0.0), X, y, lambda a, b: np.allclose(a, b, atol=1e-2))
""",
    "a gradient check of the weights alone": CHECK.format(names='("W1", "W2")'),
    "a gradient check of all parameters": CHECK.format(names='("W1", "b1", "W2", "b2")'),
    "values, one sample": """
compared(net_of(), X[:1], y[:1], lambda a, b: np.allclose(a, b, rtol=1e-12, atol=1e-14))
""",
    "values, `allclose(atol=1e-2)`": """
compared(net_of(), X, y, lambda a, b: np.allclose(a, b, atol=1e-2))
""",
    "values, `allclose` as it is": "compared(net_of(), X, y, np.allclose)\n",
    "values, six decimals": """
compared(net_of(), X, y, lambda a, b: np.abs(a - b).max() < 1.5e-6)
""",
    "values, to 1e-12 of the largest entry": """
before = X.copy()
compared(net_of(), X, y, lambda a, b: np.abs(a - b).max() <= 1e-12 * np.abs(b).max())
assert (X == before).all()
""",
}


def main() -> None:
    """Write the parts that are named, or all, into the page."""
    parts = {"worked": worked, "normalization": normalization, "styles": styles}
    for name in sys.argv[1:] or parts:
        page, begin = PAGE.read_text("utf-8"), BEGIN.format(name)
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{begin}{parts[name]()}{END}{after}", "utf-8")


def worked() -> str:
    """Return the audit of an affine layer's tests, and what is left once its tests are pasted."""
    first, second = _worked("week-2.toml", "affine", "layers")
    told = as_text(replace(first, pasted=first.pasted[:1]))
    return (
        f"```text\n{told}```\n\nOf the tests to paste the first is shown. "
        f"With all {len(first.pasted)} of them:\n\n```text\n{as_text(second)}```\n"
    )


def normalization() -> str:
    """Return the audit of a gradient check by a loss that its layer leaves as it is."""
    first, second = _worked("week-4.toml", "normalization", "normalization")
    told = as_text(replace(first, pasted=()))
    return (
        f"```text\n{told}```\n\nWith the {len(first.pasted)} tests to paste:\n\n"
        f"```text\n{as_text(second)}```\n"
    )


def _worked(problem_set: str, exercise: str, module: str) -> tuple[Audit, Audit]:
    """Return the audit of an example's tests, and that of these with the tests to paste."""
    audited = Audited(ProblemSet.load(EXAMPLE / problem_set), exercise)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in (f"{module}.py", f"test_{module}.py"):
            folder.joinpath(each).write_bytes(EXAMPLE.joinpath(each).read_bytes())
        words = (sys.executable, "-m", "pytest", "-q")
        command = Command(words=words, module=module, timeout=300, folder=folder)
        first = audit(audited, command, jobs=default_jobs())
        for at, test in enumerate(first.pasted, start=1):
            folder.joinpath(f"test_pasted_{at}.py").write_text(test.text, "utf-8")
        return first, audit(audited, command, jobs=default_jobs())


def styles() -> str:
    """Return the table of styles."""
    audited = Audited(ProblemSet.from_toml(SET), "net")
    rows = []
    for style, text in STYLES.items():
        found = _found(audited, text)
        kinds = [each.kind for each in found.survivors]
        told, accepted = kinds.count("not_told"), kinds.count("told_and_accepted")
        rows.append(f"| {style} | {len(kinds)} | {told} | {accepted} |\n")
        print(rows[-1], end="", file=sys.stderr, flush=True)
    head = (
        f"| style | of {found.mistakes} mistakes pass | not told by the inputs | accepted |\n"
        "|---|---|---|---|\n"
    )
    return f"{head}{''.join(rows)}"


def _found(audited: Audited, text: str) -> Audit:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.joinpath("net.py").write_text(MODULE, "utf-8")
        folder.joinpath("check.py").write_text(HEAD + text, "utf-8")
        words = (sys.executable, "check.py")
        command = Command(words=words, module="net", timeout=300, folder=folder)
        return audit(audited, command, honest=False, jobs=default_jobs())


if __name__ == "__main__":
    main()
