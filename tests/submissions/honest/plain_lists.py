# expect: correct
"""Lists and loops, without numpy."""

from math import exp, tanh


def dot(u, v):
    return sum(p * q for p, q in zip(u, v))


def solve(exercise):
    given = {name: value.tolist() for name, value in exercise["given"].items()}
    W1, b1, W2, b2 = given["W1"], given["b1"], given["W2"], given["b2"]
    rate = exercise["optimizer"]["learning_rate"]
    xs, ys = list(zip(*given["x"])), list(zip(*given["y"]))
    N, H, K, I = len(xs), len(W1), len(W2), len(W1[0])
    z1, a1, a2, d1, d2, loss = [], [], [], [], [], 0.0
    for x, y in zip(xs, ys):
        z = [dot(W1[j], x) + b1[j] for j in range(H)]
        h = [1 / (1 + exp(-each)) for each in z]
        o = [tanh(dot(W2[k], h) + b2[k]) for k in range(K)]
        loss += sum((p - t) ** 2 for p, t in zip(o, y)) / 2
        d = [(o[k] - y[k]) / N * (1 - o[k] ** 2) for k in range(K)]
        back = [sum(W2[k][j] * d[k] for k in range(K)) for j in range(H)]
        z1.append(z), a1.append(h), a2.append(o), d2.append(d)
        d1.append([back[j] * h[j] * (1 - h[j]) for j in range(H)])
    dW1 = [[sum(d1[n][j] * xs[n][i] for n in range(N)) for i in range(I)] for j in range(H)]
    dW2 = [[sum(d2[n][k] * a1[n][j] for n in range(N)) for j in range(H)] for k in range(K)]
    db1 = [sum(d1[n][j] for n in range(N)) for j in range(H)]
    db2 = [sum(d2[n][k] for n in range(N)) for k in range(K)]

    def columns(rows):
        return [list(column) for column in zip(*rows)]

    def step(old, gradient):
        if isinstance(old, list):
            return [step(o, g) for o, g in zip(old, gradient)]
        return old - rate * gradient

    return {
        "z1": columns(z1), "a1": columns(a1), "a2": columns(a2), "loss": loss / N,
        "delta2": columns(d2), "dW2": dW2, "db2": db2,
        "delta1": columns(d1), "dW1": dW1, "db1": db1,
        "W1_new": step(W1, dW1), "b1_new": step(b1, db1),
        "W2_new": step(W2, dW2), "b2_new": step(b2, db2),
    }
