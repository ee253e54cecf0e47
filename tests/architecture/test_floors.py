"""How the rooms stand on one another: nothing runs up, nothing runs in a circle."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests import ROOT

from .modules import HOUSES, MODULES, NAMES, PACKAGE, Module, imported_modules, is_of

# The houses, and the rooms in them that have rooms themselves: what stands in each, a floor a
# line, from the ground up. Whoever stands on a floor may import what stands below it, not what
# stands beside or above it. A room's own `__init__`, where it hands names on, stands on top.
FLOORS = {
    "": ("oracle", "problems", "service"),
    "oracle": (
        "bounded_cache errors",
        "exact_numbers nested",
        "arithmetic",
        "derivation deviates",
        "functions training",
        "networks primitives",
        "programs",
        "accuracy",
        "proof",
    ),
    "oracle/derivation": (
        "names",
        "quantities roles",
        "formulas",
        "steps",
        "derivation",
        "costs facts routes walking",
        "difference_quotients",
    ),
    "oracle/networks": ("lines", "layers", "network", "objective", "deriving"),
    "problems": (
        "errors misconceptions",
        "documents",
        "catalogue drawing reading scripts solve",
        "templates",
        "walks",
        "audits gates marking worksheet",
        "explanation exports generate",
        "grade variants",
        "engines self_check",
    ),
    "problems/documents": (
        "text",
        "faults",
        "moments number",
        "points shorthand strict_json",
        "toml",
        "json_places",
        "base",
        "facts json_schema solution structures tolerance verdict",
        "problem_set",
        "exercise",
        "answers",
    ),
    "problems/documents/structures": (
        "engine layers picks until",
        "code structure",
        "network",
        "program",
    ),
    "oracle/primitives": (
        "arrays primitive",
        "elementwise exponentials moving products reductions",
        "four_operations functions selection",
        "table",
    ),
    "oracle/programs": (
        "bounds faults",
        "syntax",
        "text",
        "nodes",
        "graph lines reading",
        "deriving",
        "jacobian",
    ),
    "problems/drawing": (
        "geometry style text",
        "picture scene",
        "layout networks svg",
        "graphs",
        "draw marks",
    ),
    "problems/misconceptions": (
        "base recognition rewriting slopes",
        "programs",
        "axes layers network quotients training",
    ),
    "problems/worksheet": (
        "definitions grids page ranges words",
        "step_numbers",
        "worked",
        "answer_sheet copied_givens formats",
        "question_sheet",
    ),
    "problems/exports": (
        "expected",
        "cells mistaken suited",
        "moodle notebook prairielearn",
        "nbgrader",
        "sheets",
    ),
    "service": (
        "background bounds jobs roster_formats settings store",
        "contained turns",
        "audit client course",
        "code_grading example_course gradebook_formats http",
        "api web",
        "app",
        "wsgi",
        "cli",
        "pytest_options",
        "pytest_items",
    ),
    "service/cli": (
        "errors output",
        "options reading reports writing",
        "course generation results variants",
        "answers audit catalogue check_code database demo draw generate grade new schema serve "
        "solve token verify worksheet",
        "bulk try_out",
        "pregenerate regrade",
        "program",
    ),
    "service/course": (
        "actor backend errors part_summaries",
        "audit",
        "audit_search sets",
        "people regrades",
        "grades",
        "work",
    ),
    "service/code_grading": (
        "child errors results starters",
        "hand_in",
        "sandbox",
        "smallest",
        "checking",
    ),
    "service/code_grading/child": (
        "frames importing limits",
        "failure notes",
        "answers exercise script_failures",
        "scripted shapes",
        "loading",
        "main",
    ),
    "service/audit": ("report standin", "link", "running", "auditing document writing"),
    "service/store": (
        "errors identities insert migrations prepared roles turns",
        "faults schema",
        "engine",
        "joins migrate",
        "backup integrity probe",
    ),
    "service/web/student": (
        "drawings layout precision sets work_page_data",
        "forms",
        "kept trying",
        "shown",
        "exercise_page practice_page solution_page submission_page",
    ),
    "service/web/instructor": ("course grades sets", "people"),
    "service/web": (
        "assets boxes guides",
        "texts",
        "computing session",
        "rendering visit",
        "error_pages student",
        "entrance visitor",
        "instructor",
        "site",
    ),
}

FOLDERS = frozenset(
    module.name.removeprefix(f"{PACKAGE}.").replace(".", "/")
    for module in MODULES
    if module.is_package
)
"""All rooms."""

MOST_FILES = 16
TABLES = {
    "oracle/networks/layers": "a type of layer a file",
    "service/api": "a resource a file",
    "service/cli": "a command a file",
    "service/code_grading/results": "a format a file",
}
"""Rooms that are a table of one kind of thing, a file for each: they grow as the product does."""


def full(place: str) -> str:
    """The full name of a place in the table."""
    return f"{PACKAGE}/{place}".removesuffix("/").replace("/", ".")


def inside(name: str, place: str) -> str:
    """Where something stands in a place: its room or module there; "" is the place's own face."""
    return name.removeprefix(full(place)).removeprefix(".").partition(".")[0]


def arrows(place: str, modules: tuple[Module, ...] = MODULES) -> dict[tuple[str, str], list[str]]:
    """What in a place imports what else in it, with the modules that do."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in modules:
        for name in imported_modules(module):
            if is_of(module.name, full(place)) and is_of(name, full(place)):
                ends = inside(module.name, place), inside(name, place)
                if ends[0] != ends[1]:
                    found.setdefault(ends, []).append(f"{module.name} imports {name}")
    return found


def running_up(place: str, modules: tuple[Module, ...] = MODULES) -> list[str]:
    """The imports in a place that do not run down."""
    height = {each: floor for floor, line in enumerate(FLOORS[place]) for each in line.split()}
    height[""] = len(FLOORS[place])
    return [
        line
        for (upper, lower), lines in arrows(place, modules).items()
        if height[upper] <= height[lower]
        for line in lines
    ]


each_place = pytest.mark.parametrize("place", FLOORS, ids=lambda place: place or PACKAGE)


@each_place
def test_imports_run_down(place):
    assert running_up(place) == []


@each_place
def test_the_table_of_floors_names_what_is_there(place):
    there = {inside(name, place) for name in NAMES if is_of(name, full(place))} - {""}
    assert sorted(" ".join(FLOORS[place]).split()) == sorted(there)


def test_every_room_with_rooms_in_it_has_floors():
    outer = {folder.rpartition("/")[0] for folder in FOLDERS} - {"", "service/store/migrations"}
    assert outer <= set(FLOORS)


@pytest.mark.parametrize(
    ("place", "name", "text"),
    [
        ("", "gradgrade.oracle.nested", "from gradgrade.problems.errors import DocumentError"),
        ("oracle", "gradgrade.oracle.errors", "from gradgrade.oracle.arithmetic import ball"),
        ("oracle", "gradgrade.oracle.accuracy.tolerance", "import gradgrade.oracle.proof.witness"),
        ("problems", "gradgrade.problems.solve", "from gradgrade.problems import generate"),
        ("problems", "gradgrade.problems.solve", "from gradgrade.problems import Exercise"),
        ("service/web", "gradgrade.service.web.student.forms", "from .. import site"),
        ("service", "gradgrade.service.jobs", "def f():\n    import gradgrade.service.cli.serve"),
    ],
)
def test_an_import_that_runs_up_is_found(place, name, text):
    assert len(running_up(place, (Module(name, text),))) == 1


# Nor do files import one another in a circle, within a room


def circle(modules: tuple[Module, ...]) -> list[str]:
    """Modules that import one another in a circle, if there are any."""
    try:
        TopologicalSorter({each.name: imported_modules(each) for each in modules}).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_files_import_one_another_in_a_circle():
    assert circle(MODULES) == []


def test_a_circle_of_files_is_found():
    text = "def f():\n    from gradgrade.oracle.nested import shape_of\n"
    errors = Module("gradgrade.oracle.errors", text)
    assert "gradgrade.oracle.nested" in circle((*MODULES, errors))


# Rooms that can be looked through


def files_of(folder: str) -> int:
    """How many modules stand in a folder, its `__init__` apart."""
    return len([path for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"])


def test_a_room_holds_no_more_files_than_can_be_looked_through():
    assert {*HOUSES, *TABLES} <= FOLDERS
    crowded = {folder: files_of(folder) for folder in FOLDERS if files_of(folder) > MOST_FILES}
    assert crowded.keys() - TABLES.keys() == set()
    assert "service/cli" in crowded
