"""Every module keeps to the rules of its room; that a rule can be broken is shown beside it."""

import pytest

from .modules import MODULES, NAMES, Module, is_of, reachable
from .rules import ORACLE, RULES

each_rule = pytest.mark.parametrize("rule", RULES, ids=str)


@each_rule
def test_a_rule_is_kept_by_every_module_for_which_it_holds(rule):
    assert rule.offenders(MODULES) == {}


@each_rule
def test_a_module_that_breaks_a_rule_is_found(rule):
    name = f"{rule.rooms[0]}.example"
    missed = [text for text in rule.broken if not rule.offenders([Module(name, text)])]
    assert missed == []


@each_rule
def test_the_rooms_that_a_rule_names_are_there(rule):
    assert any(map(rule.holds_for, MODULES))
    named = (*rule.rooms, *rule.besides)
    assert [room for room in named if not any(is_of(name, room) for name in NAMES)] == []


def test_relative_imports_are_read_from_where_they_stand():
    text = "from . import a\nfrom .b import c\nfrom .. import d\n"
    file, folder = (Module("gradgrade.x.y", text, is_package) for is_package in (False, True))
    assert file.imports == {"gradgrade.x.a", "gradgrade.x.b.c", "gradgrade.d"}
    assert folder.imports == {"gradgrade.x.y.a", "gradgrade.x.y.b.c", "gradgrade.x.d"}


# Values know no derivatives: the witness imports the one without the other


def derivatives_behind(name: str) -> set[str]:
    """The modules of derivatives that a module of the oracle needs."""
    return {each for each in reachable(name) if each.endswith("_derivatives")}


def test_values_can_be_used_without_any_derivative():
    functions = f"{ORACLE}.functions"
    values = {name for name in NAMES if is_of(name, functions) and name.endswith("_values")}
    assert {f"{functions}.activation_values", f"{functions}.loss_values"} <= values
    assert set().union(*map(derivatives_behind, values)) == set()


def test_what_needs_derivatives_is_found_to_need_them():
    assert derivatives_behind(f"{ORACLE}.functions.activations")
