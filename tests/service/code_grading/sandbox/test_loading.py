"""How what is handed in is imported: statement by statement, and what is told of what fails."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from gradgrade.problems.documents.structures.code import CodeInterface
from gradgrade.service.code_grading import (
    Bubblewrap,
    CodeGradingError,
    Execution,
    Limits,
    Unconfined,
    run,
)
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import variants

pytestmark = needs_bubblewrap

SOLVE = "def solve(exercise):\n    return {'loss': LOSS}\n"
"""A function whose answer is a name of its module."""

MISSING = "ModuleNotFoundError: No module named 'matplotlib'"


@pytest.fixture
def ran(tmp_path: Path):
    """A function that runs a folder of files, or one notebook or file, on a variant."""

    def run_files(
        files: Mapping[str, str] | str, *, code: CodeInterface | None = None, **options
    ) -> Execution:
        if isinstance(files, str):
            files = {"handed_in.py": files}
        for name, text in files.items():
            path = tmp_path / "hw" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        path = tmp_path / "hw"
        if len(files) == 1 and "/" not in next(iter(files)):
            path /= next(iter(files))
        (exercise,) = variants("small", 1)
        exercises = [exercise.model_copy(update={"code": code})]
        (execution,) = run(path, exercises, code=code, **options)
        return execution

    return run_files


def using(main: str | None = None, packages: Sequence[str] = ()) -> CodeInterface:
    """A course's word for what a script uses; the script takes the loss from `LOSS`."""
    return CodeInterface(script="loss = LOSS", main=main, packages=list(packages))


def notebook(*cells: str) -> str:
    """A notebook of some cells of code, below one of text."""
    made = [{"cell_type": "markdown", "source": "# Homework"}]
    made += [
        {"cell_type": "code", "source": cell.splitlines(keepends=True), "outputs": []}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


# Statements, one by one


@pytest.mark.parametrize(
    "statement",
    [
        "import matplotlib.pyplot as plt",
        "open('train.csv').read()",
        "name = input('your name: ')",
        "while True: pass",
        "import sys; sys.exit()",
        "raise KeyboardInterrupt",
        "for each in xrange(3): pass",
        "x = bytearray(1 << 40)",
        "return 3",
        "from lib import *",
    ],
)
def test_a_statement_that_fails_is_left_out(ran, statement):
    execution = ran(f"{statement}\nLOSS = 2.0\n{statement}\n{SOLVE}")
    assert execution.failure is None
    assert execution.answers == {"loss": 2.0}


def test_several_loops_that_are_too_long_leave_time_for_the_rest(ran):
    limits = Limits(import_seconds=3)
    execution = ran("while True: pass\n" * 4 + f"LOSS = 1.0\n{SOLVE}", limits=limits)
    assert execution.answers == {"loss": 1.0}


def test_what_takes_every_interruption_for_its_own_ends_with_the_import(ran):
    text = "while True:\n    try:\n        time.sleep(9)\n    except BaseException: pass\n"
    text = f"import time\n{text}"
    execution = ran(f"{text}{SOLVE}", limits=Limits(import_seconds=2))
    assert execution.failure.kind == "timeout"


def test_a_later_statement_overrides_an_earlier_one_as_in_python(ran):
    text = (
        "from __future__ import annotations\n"
        "from math import *\n"
        "LOSS = pi\n"
        "def twice(function):\n"
        "    return lambda exercise: {'loss': 2 * function(exercise)}\n"
        "try:\n    import matplotlib\nexcept ImportError:\n    LOSS = 3.0\n"
        "@twice\n"
        "def solve(exercise: NoSuchType):\n    return LOSS\n"
        "if __name__ == '__main__':\n    LOSS = 0.0\n"
    )
    assert ran(text).answers == {"loss": 6.0}


def test_a_class_can_use_super_and_the_source_is_there(ran):
    text = (
        "import inspect\n\n\n"
        "class A:\n    def loss(self):\n        return 1.0\n\n\n"
        "class B(A):\n    def loss(self):\n        return super().loss()\n\n\n"
        "def solve(exercise):\n"
        "    assert inspect.getsource(B).startswith('class B(A):')\n"
        "    assert inspect.getsource(solve).startswith('def solve(')\n"
        "    return {'loss': B().loss()}\n"
    )
    execution = ran(text)
    assert execution.failure is None
    assert execution.answers == {"loss": 1.0}


def test_a_file_that_does_not_parse_is_told_once_with_its_line(ran):
    execution = ran("x = 1\ndef solve(exercise)\n    return {}\n")
    assert (execution.failure.kind, execution.failure.line) == ("exception", 2)
    assert execution.failure.message == "SyntaxError: expected ':'"


# What is told of what was left out


def test_the_cause_is_told_where_a_name_is_missed(ran):
    text = f"import matplotlib as plt\n\nLOSS = plt.loss\n{SOLVE}"
    failure = ran(text).failure
    assert failure.line == 5
    assert failure.message == (
        "NameError: name 'LOSS' is not defined; line 3, which defines it, was left out: "
        "NameError: name 'plt' is not defined; line 1, which defines it, was left out: " + MISSING
    )


def test_the_cause_is_told_where_there_is_no_shape(ran):
    failure = ran("import matplotlib as plt\n@plt.plotted\n" + SOLVE).failure
    assert failure.kind == "missing"
    assert "; line 3, which defines solve, was left out: NameError" in failure.message
    failure = ran("class Layer(Base):\n    pass\n").failure
    assert failure.message.endswith("; line 1 was left out: NameError: name 'Base' is not defined")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("affineLoss = LOS = 1\n", "the file defines no LOSS (there is LOS)"),
        ("loss = 1\n", "the file defines no LOSS (there is loss)"),
        (
            "import matplotlib\nLOSS = matplotlib.loss\n",
            "the file defines no LOSS; line 2, which defines it, was left out: NameError",
        ),
        (
            'if __name__ == "__main__":\n    LOSS = 1\n',
            "the file defines no LOSS; line 1, which defines it, was left out: the file is",
        ),
        (
            "from matplotlib import *\n",
            f"the file defines no LOSS; line 1, which may define it, was left out: {MISSING}",
        ),
    ],
)
def test_a_script_is_told_why_a_name_is_missing(ran, text, told):
    failure = ran(text, code=using()).failure
    assert failure.kind == "missing"
    assert failure.message.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("print 'hello'\n", "this is Python 2; Python 3"),
        ("try:\n    x = 1\nexcept ValueError, error:\n    pass\n", "this is Python 2; Python 3"),
        ("LOSS = xrange(3)\n", "(this is Python 2: write range)"),
        ("import cPickle\nLOSS = cPickle\n", "(this is Python 2: write pickle)"),
        ("LOSS = {}.iteritems()\n", "(this is Python 2: write items())"),
        ("LOSS = input()\n", "(standard input is empty: there is nothing for input() to read)"),
        ("%matplotlib inline\n", "a line for IPython alone, which Python does not read"),
        ("x = 1\0\n", "as UTF-16 without its mark has: save the file as UTF-8"),
    ],
)
def test_what_to_write_instead_is_told(ran, text, told):
    assert told in ran(text, code=using()).failure.message


def test_a_file_in_an_encoding_that_it_does_not_tell_is_refused_by_name(tmp_path):
    path = tmp_path / "handed_in.py"
    path.write_bytes(b"x = 1\nname = 'Zo\xeb'\n")
    (execution,) = run(path, variants("small", 1))
    assert "the text is not UTF-8: byte 0xeb in line 2" in execution.failure.message
    path.write_bytes(b"# Zo\xeb\n" + SOLVE.encode())
    (execution,) = run(path, variants("small", 1))
    assert "the text is not UTF-8: byte 0xeb in line 1" in execution.failure.message
    path.write_bytes(b"# coding: latin-1\nLOSS = len('Zo\xeb') / 3\n" + SOLVE.encode())
    (execution,) = run(path, variants("small", 1))
    assert execution.answers == {"loss": 1.0}


# Folders


@pytest.mark.parametrize("sandbox", [Bubblewrap(), Unconfined()], ids=["confined", "not"])
def test_modules_of_a_folder_import_each_other_and_leave_out_what_fails(ran, sandbox):
    files = {
        "hw1/layers.py": "from .lib.sums import LOSS\nfrom hw1 import lib\nimport sums as other\n",
        "hw1/sums.py": "import matplotlib\n",
        "hw1/lib/__init__.py": "import matplotlib\nlib = 1\n",
        "hw1/lib/sums.py": "import matplotlib\nfrom ..numbers import *\nfrom .. import layers\n",
        "hw1/numbers.py": "import plots\nLOSS = 4.0\n",
    }
    execution = ran(files, code=using("hw1/layers.py"), sandbox=sandbox)
    assert execution.failures == ()
    assert execution.answers == {"loss": 4.0}


def test_the_main_module_has_its_dotted_name(ran):
    files = {"hw1/layers.py": "LOSS = float(__name__ == 'hw1.layers')\n"}
    assert ran(files, code=using("hw1/layers.py")).answers == {"loss": 1.0}


@pytest.mark.parametrize("name", ["numpy.py", "socket.py", "child.py", "hw 1.py", "class.py"])
def test_a_file_may_be_called_as_a_module_of_pythons(ran, name):
    text = "import numpy, socket, json\nLOSS = float(numpy.sum([socket.AF_INET]))\n"
    assert ran({name: text}, code=using()).answers == {"loss": 2.0}


@pytest.mark.parametrize("package", [{}, {"code/__init__.py": ""}], ids=["folder", "package"])
def test_a_folder_may_be_called_as_a_module_of_pythons(ran, package):
    how = "from .sums" if package else "from sums"
    files = {"code/layers.py": f"{how} import LOSS\n", "code/sums.py": "import layers\nLOSS = 1.0"}
    if package:
        files["code/sums.py"] = "import code.layers\nLOSS = 1.0"
    assert ran({**files, **package}, code=using("code/layers.py")).answers == {"loss": 1.0}


def test_a_failure_names_the_file_and_its_line(ran):
    files = {
        "net.py": "from lib.layers import loss\ndef solve(exercise):\n    return loss()\n",
        "lib/layers.py": "import matplotlib as plt\n\n\ndef loss():\n    return plt.loss\n",
    }
    failure = ran(files).failure
    assert (failure.file, failure.line) == ("lib/layers.py", 5)
    assert failure.message == (
        "NameError: name 'plt' is not defined; "
        f"line 1 of lib/layers.py, which defines it, was left out: {MISSING}"
    )


def test_a_module_that_does_not_parse_is_named_where_it_is_imported(ran):
    files = {"net.py": f"from lib.layers import LOSS\n{SOLVE}", "lib/layers.py": "x = 1\nif x\n"}
    assert ran(files).failure.message == (
        "NameError: name 'LOSS' is not defined; line 1 of net.py, which defines it, was left out: "
        "SyntaxError: expected ':' (line 2 of lib/layers.py)"
    )


def test_classes_of_other_files_are_layers_too(ran):
    layers = Path("tests/submissions/honest/layer_classes.py").read_text("utf-8")
    execution = ran({"net.py": "from lib.a import *\n", "lib/a.py": layers}, shape="layers")
    assert execution.failure is None


def test_data_lies_in_the_folder_that_it_runs_in_and_cannot_be_changed(ran):
    text = (
        "LOSS = float(open('data/loss.txt').read())\n"
        "try:\n    open('data/loss.txt', 'w')\n    LOSS = 0.0\nexcept OSError:\n    pass\n"
        "try:\n    open('new.txt', 'w')\n    LOSS = 0.0\nexcept OSError:\n    pass\n"
    )
    execution = ran({"net.py": text + SOLVE, "data/loss.txt": "3.5"})
    assert execution.answers == {"loss": 3.5}


def test_many_files_are_laid_whatever_the_limit_of_open_files(ran):
    files = {f"part{each}.py": "" for each in range(900)}
    execution = ran({**files, "hw/net.py": "import part899\nLOSS = 1.0\n"}, code=using("hw/net.py"))
    assert execution.answers == {"loss": 1.0}


def test_a_zip_archive_runs_as_its_folder_does(tmp_path):
    with ZipFile(tmp_path / "hw.zip", "w") as archive:
        archive.writestr("repo/net.py", f"from lib.layers import LOSS\n{SOLVE}")
        archive.writestr("repo/lib/layers.py", "LOSS = 2.0\n")
    (execution,) = run(tmp_path / "hw.zip", variants("small", 1))
    assert execution.answers == {"loss": 2.0}


# What the course lays beside it


def test_the_courses_files_win_and_a_failure_in_one_is_told_at_the_students_line(ran):
    text = "from utils import loss\ndef solve(exercise):\n    return {'loss': loss(3)}\n"
    course_files = {"utils.py": b"def loss(x):\n    if x > 2:\n        raise ValueError(x)\n"}
    files = {"net.py": text, "utils.py": "def loss(x):\n    return 1.0\n"}
    failure = ran(files, course_files=course_files).failure
    assert (failure.file, failure.line, failure.message) == ("net.py", 3, "ValueError: 3")
    failure = ran({"net.py": text}, course_files=course_files).failure
    assert (failure.file, failure.line) == (None, 3)


def test_packages_that_a_course_allows_can_be_imported_with_what_they_need(ran):
    text = "import jinja2\nLOSS = float(jinja2.Template('{{ 1 + 1 }}').render())\n"
    assert ran(text, code=using()).failure.message.count("No module named 'jinja2'") == 1
    assert ran(text, code=using(packages=["jinja2"])).answers == {"loss": 2.0}


def test_a_package_that_is_not_here_is_told_to_who_grades(ran):
    with pytest.raises(CodeGradingError, match="packages: 'no_such_package' is not installed here"):
        ran("", code=using(packages=["no_such_package"]))


# Notebooks


def test_a_notebook_runs_cell_by_cell_without_what_ipython_alone_reads(ran):
    cells = (
        "%matplotlib inline\n!pip install torch\nimport matplotlib.pyplot as plt\nLOSS = 1.0",
        "%%time\nLOSS += 1.0\n",
        "%%bash\nrm -rf /",
        "if LOSS:\n    !ls\n    LOSS += 1 % 2\nLOSS?\nfiles = !ls\nx = (7\n  % 4)\nplt.plot(LOSS)",
        SOLVE,
    )
    execution = ran({"Home work.ipynb": notebook(*cells)})
    assert execution.failure is None
    assert execution.answers == {"loss": 3.0}


def test_a_cell_that_does_not_parse_is_left_out_alone(ran):
    cells = ("def forward(x)\n    return x\n", "LOSS = 1.0", "y = forward(1)")
    files = {"hw.ipynb": notebook(*cells)}
    assert ran(files, code=using()).answers == {"loss": 1.0}
    files = {"hw.ipynb": notebook(*cells[:1], "LOSS = forward(1)")}
    assert ran(files, code=using()).failure.message == (
        "the file defines no LOSS; line 1 of cell 2, which defines it, was left out: "
        "NameError: name 'forward' is not defined; cell 1, which defines it, was left out: "
        "SyntaxError: expected ':' (line 1), used in line 1 of the script"
    )


def test_a_failure_in_a_notebook_names_the_cell_and_its_line(ran):
    cells = ("x = 1\ny = 2\n", "import inspect\n", "def solve(exercise):\n    return 1 / 0\n")
    failure = ran({"hw.ipynb": notebook(*cells)}).failure
    assert (failure.file, failure.cell, failure.line) == (None, 3, 2)
    text = "\n\ndef solve(exercise):\n    print(inspect.getsource(solve))\n    return {}\n"
    execution = ran({"hw.ipynb": notebook(*cells[:2], text)})
    assert execution.stdout.startswith("def solve(exercise):\n    print(")


def test_a_notebook_may_be_the_main_file_of_a_folder(ran):
    files = {
        "hw.ipynb": notebook("from lib.layers import LOSS", SOLVE),
        "lib/layers.py": "LOSS = 1.",
    }
    assert ran(files).answers == {"loss": 1.0}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": [{"cell_type": "code"}]}', "[" * 9999])
def test_what_is_no_notebook_is_told(ran, text):
    failure = ran({"hw.ipynb": text}).failure
    assert failure.message == "SyntaxError: the file is no notebook: it has no cells in JSON"


def test_a_notebook_of_the_third_format_is_read(ran):
    cell = {"cell_type": "code", "input": [f"LOSS = 1.0\n{SOLVE}"]}
    assert ran({"hw.ipynb": json.dumps({"worksheets": [{"cells": [cell]}]})}).answers == {"loss": 1}
