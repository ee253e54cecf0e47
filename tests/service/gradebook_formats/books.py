"""Gradebooks for tests: written by hand, and drawn."""

from hypothesis import strategies as st

from gradgrade.service.course.grades.gradebook import Cell, Gradebook, GradebookRow, GradedExercise

# Whatever a name can hold; a database takes no NUL and no half of a surrogate pair.
ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
AWKWARD = st.sampled_from(
    [
        'Ada "Countess" Lovelace',
        "Lovelace, Ada",
        "Ada\nLovelace",
        "Ada\r\nLovelace",
        "‏עדה‏",
        "Ada 🧮",
        "  Ada  ",
        "'=1",
        "''=1",
        "a;=1,+2\t@3",
        "O'Hara; 'Ann'",
        "1.50",
        "007",
        "",
    ]
)
TEXTS = AWKWARD | ANY_TEXT


def cell(points: int, *, attempts: int = 1, is_late: bool = False) -> Cell:
    return Cell(graded=points, attempts=attempts, is_late=is_late, submission="0123456789abcdef")


def book(
    *cells: Cell | None,
    student: str = "s1",
    name: str = "Ada",
    email: str = "ada@example.org",
    title: str = "Week 3",
) -> Gradebook:
    """A gradebook of one student, in as many exercises of 10 points as there are cells."""
    row = GradebookRow(student=student, name=name, email=email, cells=cells)
    return Gradebook(
        problem_set="week-3",
        title=title,
        exercises=[
            GradedExercise(name=f"exercise-{place}", title="", max_points=1000)
            for place, _ in enumerate(cells, start=1)
        ],
        rows=[row],
    )


@st.composite
def books(draw: st.DrawFn) -> Gradebook:
    """Gradebooks of some exercises and students, of whom some handed in nothing."""
    names = draw(
        st.lists(
            st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True), min_size=1, max_size=3, unique=True
        )
    )
    cells = st.none() | st.builds(
        Cell,
        graded=st.integers(0, 10**6),
        attempts=st.integers(1, 100),
        is_late=st.booleans(),
        submission=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    )
    ids = draw(st.lists(TEXTS.filter(bool), max_size=4, unique=True))
    return Gradebook(
        problem_set="week-3",
        title=draw(TEXTS),
        exercises=[
            GradedExercise(name=name, title=draw(TEXTS), max_points=draw(st.integers(1, 10**6)))
            for name in names
        ],
        rows=[
            GradebookRow(
                student=student,
                name=draw(TEXTS),
                email=draw(TEXTS),
                cells=tuple(draw(cells) for _ in names),
            )
            for student in sorted(ids)
        ],
    )
