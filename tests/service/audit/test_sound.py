"""A sound suite: no mistake passes, nothing right is refused, for all shapes of a module."""

import pytest

from gradgrade.problems import ProblemSet
from gradgrade.problems.audits.audited import Audited
from tests.examples import spread

from .courses import CLASS, FUNCTIONS, LAYERS, NET, NETWORK, SOUND, audited, written
from .test_planted import HEAD, NET_HEAD

OF_CLASS = (
    HEAD
    + """
def test_layer():
    layer = Linear(3, 4)
    layer.W, layer.b = W, b
    for scale in (2.0, 1.0):
        given = scale * x, W.copy(), b.copy(), d.copy()
        close(layer.forward(given[0]), scale * x @ W + b)
        close(layer.backward(given[3]), d @ W.T)
        close(layer.dW, scale * x.T @ d)
        close(layer.db, d.sum(axis=0))
        for now, before in zip(given, (scale * x, W, b, d)):
            close(now, before)
"""
)

OF_NET = (
    NET_HEAD
    + """
def test_net():
    net, y = net_of(), np.array([0, 1, 2, 1, 0])
    for reg in (0.1, 0.7):
        X = rng.normal(size=(5, 4))
        before = X.copy()
        check(net, X, y, reg)
        assert (X == before).all()

def test_gradient():
    net, X, y = net_of(), rng.normal(size=(5, 4)), np.array([0, 1, 2, 1, 0])
    for name, each in net.loss(X, y, 0.1)[1].items():
        kept = net.params[name]
        for at in np.ndindex(*each.shape):
            step = np.zeros_like(each)
            step[at] = 1e-5
            losses = []
            for net.params[name] in (kept + step, kept - step):
                losses.append(net.loss(X, y, 0.1)[0])
            assert abs((losses[0] - losses[1]) / 2e-5 - each[at]) < 1e-7
        net.params[name] = kept
"""
)


@pytest.mark.parametrize(
    ("definition", "module", "suite"),
    [(FUNCTIONS, LAYERS, SOUND), (CLASS, LAYERS, OF_CLASS), (NETWORK, NET, OF_NET)],
    ids=["functions", "class", "net with a penalty"],
)
def test_nothing_passes_and_nothing_right_is_refused(tmp_path, definition, module, suite):
    problem_set = ProblemSet.from_toml(definition)
    known = Audited(problem_set, problem_set.exercises[0].name).mistaken
    codes = spread(list(dict.fromkeys(each.code for each in known)))
    folder = written(tmp_path, layers=module, test_it=suite)
    found = audited(folder, definition, *codes, "first_cache", "in_place", honest=True)
    assert found.survivors == ()
    assert [each.title for each in found.refused if each.is_counted] == []
    assert found.is_sound
    assert len(known) > 40
    assert found.mistakes >= len(codes)
    assert found.honest > 0
    assert not found.uncovered
