"""Stands in for functions and classes of a module, in the process of somebody's tests.

It is of the standard library and numpy alone. When the module is imported its own file runs first;
then what is called in the script answers what the other side of a socket works out, and everything
else stays. What does not fit the script is answered by the module's own code, and told. It is a
plugin of pytest's too, which tells how tests end. (PYTEST_DONT_REWRITE)
"""

import base64
import functools
import inspect
import json
import os
import socket
import sys
import threading
import types
from typing import Any

SOCKET, RUN, MODULE = "GRADGRADE_AUDIT", "GRADGRADE_AUDIT_RUN", "GRADGRADE_AUDIT_MODULE"
STATE = "_gradgrade_audit"
MAKING = "__init__"

BACK: Any = types.MappingProxyType(
    {
        "T": lambda array: array.T,
        "column": lambda array: _without_axis(array, -1),
        "row": lambda array: _without_axis(array, 0),
        "first_column": lambda array: array[..., None],
        "first_row": lambda array: array[None],
        "ravel": lambda array: array,
    }
)
"""The way back from each view."""


class Mismatch(Exception):
    """A call that is not as the script's; the message says why."""


class Kept:
    """What a call returns for a later one."""

    def __init__(self, call: Any, known: Any) -> None:
        self.call = call
        self.known = known


class Link:
    """The connection to whoever works answers out; a process that forks has its own."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._owner: Any = None
        self._stream: Any = None
        self.plan: Any = {}
        self.firsts: Any = {}

    def ask(self, message: Any) -> Any:
        """Send a message and return what comes back."""
        with self._lock:
            self._connect()
            return self._exchange(message)

    def _connect(self) -> None:
        if self._owner == os.getpid():
            return
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.environ[SOCKET])
        self._stream = connection.makefile("rwb")
        self._owner = os.getpid()
        self.plan = self._exchange({"about": "run", "run": os.environ[RUN]})

    def _exchange(self, message: Any) -> Any:
        self._stream.write(json.dumps(message).encode() + b"\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise SystemExit("the audit has ended")
        return json.loads(line)


LINK = Link()


def install() -> None:
    """Wait for the module to be imported."""
    if os.environ.get(MODULE):
        sys.meta_path.insert(0, Finder(os.environ[MODULE]))


class Finder:
    """Finds the module as others do, and has it stood in for once its own file has run."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def find_spec(self, name: Any, path: Any = None, target: Any = None) -> Any:
        """Return the module's spec; nothing for other modules."""
        if name != self.module:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader.exec_module = functools.partial(_run, spec.loader.exec_module)
                return spec
        return None


def _run(own: Any, module: Any) -> None:
    LINK.ask({"about": "imported"})
    own(module)
    lay_over(module, LINK.plan)


def lay_over(module: Any, plan: Any) -> None:
    """Replace what the script calls."""
    names = vars(module)
    if plan["standin"]:
        _lay_file(names, plan)
    by_name: Any = {}
    for call in plan["calls"]:
        by_name.setdefault((call["owner"], call["name"]), []).append(call)
    for (owner, name), calls in by_name.items():
        if not owner:
            names[name] = function(names.get(name), name, calls)
        elif isinstance(names.get(owner), type):
            # The class itself: its own `super(Layer, self)` goes by the module's name for it.
            own = getattr(names[owner], name, None)
            replaced = making(own, calls) if name == MAKING else method(own, name, calls)
            setattr(names[owner], name, replaced)
        elif name != MAKING:
            LINK.ask(
                {"about": "uncovered", "name": owner, "reason": "the module has no such class"}
            )


def _lay_file(names: Any, plan: Any) -> None:
    own = dict(names, computed=computed)
    before = dict(own)
    exec(compile(plan["standin"]["text"], plan["standin"]["path"], "exec"), own)
    names.update(
        (name, each)
        for name, each in own.items()
        if name not in ("computed", "__builtins__") and before.get(name) is not each
    )


def computed(**givens: Any) -> Any:
    """Return what is asked of the exercise, as far as these givens lead to it.

    Args:
        givens: arrays by the exercise's names, in its shapes.
    """
    known: Any = {}
    for name, value in givens.items():
        _take({"name": name, "views": []}, value, known)
    reply = LINK.ask({"about": "call", "number": -1, "known": _sent(known)})
    if "real" in reply:
        raise ValueError(reply["real"])
    return {name: _plain(each) for name, each in _received(reply).items()}


def function(own: Any, name: Any, calls: Any) -> Any:
    """Return what stands in for a function."""

    def answer(*positional: Any, **named: Any) -> Any:
        return _answer(own, name, calls, None, positional, named)

    return functools.wraps(own)(answer) if own is not None else answer


def method(own: Any, name: Any, calls: Any) -> Any:
    """Return what stands in for a method."""

    def answer(self: Any, *positional: Any, **named: Any) -> Any:
        return _answer(own, name, calls, self, positional, named)

    return functools.wraps(own)(answer) if own is not None else answer


def making(own: Any, calls: Any) -> Any:
    """Return what makes an object as its own class does, and keeps what it was made of."""

    def make(self: Any, *positional: Any, **named: Any) -> None:
        own(self, *positional, **named)
        made = _state(self).setdefault("made", {})
        for call in calls:
            known: Any = {}
            try:
                for pattern, value in _paired(call, own, True, positional, named):
                    _match(pattern, value, known, {})
            except Mismatch:
                continue
            made[call["role"]] = known

    return functools.wraps(own)(make)


def _answer(own: Any, name: Any, calls: Any, instance: Any, positional: Any, named: Any) -> Any:
    state = {} if instance is None else _state(instance)
    reasons = []
    for call in calls:
        if instance is not None and state.get("role", call["role"]) != call["role"]:
            continue
        try:
            return _answered(call, own, instance, state, positional, named)
        except Mismatch as error:
            reasons.append(str(error))
    shown = f"{calls[0]['owner']}.{name}".lstrip(".")
    LINK.ask({"about": "uncovered", "name": shown, "reason": reasons[-1] if reasons else ""})
    if own is None:
        raise NotImplementedError(f"{shown}: {reasons[-1]}")
    return own(*positional, **named) if instance is None else own(instance, *positional, **named)


def _state(instance: Any) -> Any:
    try:
        return vars(instance).setdefault(STATE, {})
    except TypeError:  # it has slots
        return {}


def _answered(call: Any, own: Any, instance: Any, state: Any, positional: Any, named: Any) -> Any:
    kept: Any = {}
    known: Any = {}
    for pattern, value in _paired(call, own, instance is not None, positional, named):
        _match(pattern, value, known, kept)
    for at in call["reads"]:
        _match(at["pattern"], _read(instance, at["path"]), known, kept)
    made = state.get("made", {}).get(call["role"], {})
    whole = {**made, **state.get("known", {}), **kept, **known}
    reply = LINK.ask({"about": "call", "number": call["number"], "known": _sent(whole)})
    if "real" in reply:
        raise Mismatch(reply["real"])
    if "raise" in reply:
        raise ValueError(reply["raise"])
    values = _received(reply)
    if instance is not None:
        state["role"] = call["role"]
        _remember(state.setdefault("known", {}), known)
        _add_up(state, values)
    token = Kept(call["number"], _first(call["number"], whole))
    for at in call["sets"]:
        _write(instance, at["path"], _build(at["pattern"], values, token))
    result = _build(call["returns"], values, token)
    if LINK.plan["state"] == "in_place":
        _change_in_place(positional, named)
    return result


# What is kept between calls, rightly or not


def _remember(before: Any, known: Any) -> None:
    if LINK.plan["state"] != "first_cache":
        before.update(known)
        return
    for name, each in known.items():
        _bites(name in before and not _same(before[name], each))
        before.setdefault(name, each)


def _first(number: Any, known: Any) -> Any:
    if LINK.plan["state"] != "first_cache":
        return known
    first = LINK.firsts.setdefault(number, known)
    _bites(any(name in first and not _same(first[name], each) for name, each in known.items()))
    return first


def _add_up(state: Any, values: Any) -> None:
    if LINK.plan["state"] != "added_up":
        return
    sums = state.setdefault("sums", {})
    for name in LINK.plan["gradients"]:
        if name in values:
            is_added = name in sums and sums[name].shape == values[name].shape
            if is_added:
                _bites(bool(sums[name].any()))
                values[name] = values[name] + sums[name]
            sums[name] = values[name].copy()


def _change_in_place(positional: Any, named: Any) -> None:
    import numpy

    for each in (*positional, *named.values()):
        if isinstance(each, numpy.ndarray) and each.dtype.kind == "f" and each.flags.writeable:
            _bites(bool(each.any()))
            each *= 0.5
            return


def _bites(is_other: Any) -> None:
    if is_other:
        LINK.ask({"about": "bit"})


def _same(first: Any, second: Any) -> Any:
    return first["labels"] == second["labels"] and (
        first["array"].shape == second["array"].shape
        and bool((first["array"] == second["array"]).all())
    )


# Arguments held to the script's


def _paired(call: Any, own: Any, is_method: Any, positional: Any, named: Any) -> Any:
    """Yield the script's arguments, each with what stands there in this call."""
    signature = _signature(own, is_method)
    if signature is None:
        if len(positional) != len(call["positional"]) or set(named) != set(call["named"]):
            raise Mismatch("its arguments are not those of the script")
        yield from zip(call["positional"], positional)  # noqa: B905 -- as long as one another
        yield from ((pattern, named[name]) for name, pattern in call["named"].items())
        return
    try:
        wanted = signature.bind(*call["positional"], **call["named"])
        have = signature.bind(*positional, **named)
    except TypeError as error:
        raise Mismatch(str(error)) from None
    have.apply_defaults()
    for name, value in have.arguments.items():
        yield from _parameter(signature.parameters[name], wanted.arguments, value)
    for name in wanted.arguments:
        if name not in have.arguments:
            raise Mismatch(f"{name} is not given")


def _parameter(parameter: Any, wanted: Any, value: Any) -> Any:
    name = parameter.name
    if parameter.kind is parameter.VAR_POSITIONAL:
        patterns = wanted.get(name, ())
        if len(patterns) != len(value):
            raise Mismatch(f"the script passes {len(patterns)} arguments there")
        yield from zip(patterns, value)  # noqa: B905 -- as long as one another
    elif parameter.kind is parameter.VAR_KEYWORD:
        patterns = wanted.get(name, {})
        if set(patterns) != set(value):
            raise Mismatch("its named arguments are not those of the script")
        yield from ((patterns[each], value[each]) for each in value)
    elif name in wanted:
        yield wanted[name], value
    elif not _equal(value, parameter.default):
        raise Mismatch(f"{name} is {value!r}, which the script does not pass")


@functools.cache
def _signature(own: Any, is_method: Any) -> Any:
    try:
        signature = inspect.signature(own)
    except (TypeError, ValueError):
        return None
    if not is_method:
        return signature
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _equal(first: Any, second: Any) -> Any:
    try:
        return first is second or bool(first == second)
    except (TypeError, ValueError):
        return False


def _match(pattern: Any, value: Any, known: Any, kept: Any) -> None:
    if "name" in pattern:
        _take(pattern, value, known)
        return
    for kind, hold in HOLDING.items():
        if kind in pattern:
            hold(pattern[kind], value, known, kept)


def _hold_kept(call: Any, value: Any, known: Any, kept: Any) -> None:
    if not isinstance(value, Kept) or value.call != call:
        raise Mismatch("what it is given does not come of the call that the script has before")
    kept.update(value.known)


def _hold_fixed(fixed: Any, value: Any, known: Any, kept: Any) -> None:
    if not _equal(value, fixed):
        raise Mismatch(f"the script passes {fixed!r}, not {value!r}")


def _hold_items(patterns: Any, value: Any, known: Any, kept: Any) -> None:
    if not isinstance(value, (list, tuple)) or len(value) != len(patterns):
        raise Mismatch(f"the script passes {len(patterns)} things together")
    for inner, each in zip(patterns, value):  # noqa: B905 -- as long as one another
        _match(inner, each, known, kept)


def _hold_keys(pairs: Any, value: Any, known: Any, kept: Any) -> None:
    for key, inner in pairs:
        try:
            each = value[key]
        except (KeyError, TypeError, IndexError):
            raise Mismatch(f"it has no {key!r}") from None
        _match(inner, each, known, kept)


def _hold_attributes(attributes: Any, value: Any, known: Any, kept: Any) -> None:
    for at in attributes:
        _match(at["pattern"], _read(value, at["path"]), known, kept)


HOLDING: Any = types.MappingProxyType(
    {
        "kept": _hold_kept,
        "fixed": _hold_fixed,
        "items": _hold_items,
        "keys": _hold_keys,
        "attributes": _hold_attributes,
    }
)
"""What holds a value to each kind of pattern."""


def _take(pattern: Any, value: Any, known: Any) -> None:
    """Take an array, by the way back from how the script views it."""
    import numpy

    name = pattern["name"]
    labels: Any = None
    try:
        array = numpy.array(value, dtype=numpy.float64)
    except (TypeError, ValueError):
        raise Mismatch(f"{name} is no array of numbers") from None
    for view in reversed(pattern["views"]):
        if view.startswith("labels:"):
            if array.ndim != 1:
                raise Mismatch(f"labels have one axis, and here {array.ndim}")
            labels = int(view[len("labels:") :])
        else:
            array = BACK[view](array)
    taken = {"array": array, "labels": labels}
    if name in known and not _same(known[name], taken):
        raise Mismatch(f"{name} is two arrays at once")
    known[name] = taken


def _without_axis(array: Any, axis: Any) -> Any:
    if not array.ndim or array.shape[axis] != 1:
        raise Mismatch(f"an axis of 1 is wanted, and the shape is {array.shape}")
    return array.squeeze(axis)


def _read(value: Any, path: Any) -> Any:
    for each in path:
        try:
            is_attribute = isinstance(each, str) and each.startswith(".")
            value = getattr(value, each[1:]) if is_attribute else value[each]
        except (AttributeError, KeyError, IndexError, TypeError):
            raise Mismatch(f"there is no {each}") from None
    return value


# Results


def _write(value: Any, path: Any, made: Any) -> None:
    for each in path[:-1]:
        try:
            inner = _read(value, [each])
        except Mismatch:
            inner = {}
            _write(value, [each], inner)
        value = inner
    last = path[-1]
    if isinstance(last, str) and last.startswith("."):
        setattr(value, last[1:], made)
    else:
        value[last] = made


def _build(pattern: Any, values: Any, token: Any) -> Any:
    if "name" in pattern:
        array = values[pattern["name"]]
        for view in reversed(pattern["views"]):
            array = BACK[view](array)
        return _plain(array)
    if "kept" in pattern:
        return token
    if "items" in pattern:
        made = [_build(each, values, token) for each in pattern["items"]]
        return made if pattern["is_list"] else tuple(made)
    if "keys" in pattern:
        return {key: _build(each, values, token) for key, each in pattern["keys"]}
    return None


def _plain(array: Any) -> Any:
    return array.copy() if array.ndim else array[()]


def _sent(known: Any) -> Any:
    return {
        name: {
            "shape": each["array"].shape,
            "data": base64.b64encode(each["array"].tobytes()).decode(),
            "labels": each["labels"],
        }
        for name, each in known.items()
    }


def _received(reply: Any) -> Any:
    import numpy

    return {
        name: numpy.frombuffer(base64.b64decode(each["data"]), each["type"]).reshape(each["shape"])
        for name, each in reply["values"].items()
    }


# A plugin of pytest's


def pytest_configure(config: Any) -> None:
    """Tell that the tests are pytest's."""
    LINK.ask({"about": "pytest"})


def pytest_collection_modifyitems(config: Any, items: Any) -> None:
    """Leave out the tests that fail beside the right module."""
    out = set(LINK.plan["left_out"])
    left_out = [each for each in items if each.nodeid in out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [each for each in items if each.nodeid not in out]


def pytest_runtest_logreport(report: Any) -> None:
    """Tell how a test ends."""
    if report.when == "call" or report.outcome == "failed":
        LINK.ask({"about": "test", "name": report.nodeid, "outcome": report.outcome})
