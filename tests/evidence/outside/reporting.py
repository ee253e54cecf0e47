"""Right work, of which something else is written down; it stays in what is reported."""

import numpy

from tests.evidence.outside.working import Kind, parameters, rate, report

KINDS = (
    Kind(
        "step-for-gradient",
        "Hands in η·g for g; the updates are right.",
        report(
            lambda task, found: {
                f"d{name}@{t}": rate(task, t) * found[f"d{name}@{t}"]
                for name, t in parameters(found)
            }
        ),
        source="'delta_w' is the gradient in one tutorial and the step in the next",
    ),
    Kind(
        "descent-direction-for-gradient",
        "Hands in −g for g; the updates are right.",
        report(
            lambda task, found: {
                f"d{name}@{t}": -found[f"d{name}@{t}"] for name, t in parameters(found)
            }
        ),
        source="accord-net and AForge compute t − o and add; Site1997/LeNet-python#2",
    ),
    Kind(
        "sums-for-gradients",
        "Hands in the sum over the samples for dW and db, the mean being in the updates.",
        report(
            lambda task, found: {
                f"d{name}@{t}": len(task.given()["x"]) * found[f"d{name}@{t}"]
                for name, t in parameters(found)
            }
        ),
        source="Nielsen's nabla_b is summed, and divided by len(mini_batch) in the update only",
    ),
    Kind(
        "loss-in-percent",
        "Hands in the loss times 100.",
        report(lambda task, found: {n: 100 * v for n, v in found.items() if n[:4] == "loss"}),
        source="training logs print a percentage",
    ),
    Kind(
        "root-of-the-loss",
        "Hands in the root of the loss.",
        report(lambda task, found: {n: numpy.sqrt(v) for n, v in found.items() if n[:4] == "loss"}),
        source="RMSE handed in for MSE",
    ),
)
