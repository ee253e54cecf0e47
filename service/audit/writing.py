"""An audit for people: as text, and as Markdown."""

from collections.abc import Iterator, Sequence
from math import isfinite

from gradgrade.service.audit.report import KINDS, Audit, Kind, Refused, Survivor


def as_text(audit: Audit) -> str:
    """Return an audit as plain text."""
    lines = [summary(audit), *_coverage(audit)]
    for (kind, called, said, remedy), survivors in _groups(audit).items():
        lines += ["", f"{KINDS[kind]}: {called}", f"  {said}", f"  remedy: {remedy}"]
        lines += [f"  told by: {shown}" for shown in [_tests(survivors)] if shown]
        lines += [f"  - {_mistake(each)}" for each in survivors]
    for refused in audit.refused:
        lines += ["", _refusal(refused), f"  remedy: {refused.remedy}"]
        lines += [f"  - {each}" for each in refused.tests]
    for test in audit.pasted:
        lines += ["", f"# {test.name}: to paste", *test.text.rstrip().splitlines()]
    return "\n".join(lines) + "\n"


def as_markdown(audit: Audit) -> str:
    """Return an audit as Markdown."""
    lines = [f"# Audit of `{audit.module}`", "", summary(audit), ""]
    lines += [f"- {each}" for each in _coverage(audit)]
    for (kind, called, said, remedy), survivors in _groups(audit).items():
        title = f"{KINDS[kind][0].upper()}{KINDS[kind][1:]}"
        shown = f" **Told by** {_tests(survivors)}." if _tests(survivors) else ""
        lines += ["", f"## {title}: `{called}`", "", f"{said}. **Remedy:** {remedy}.{shown}", ""]
        lines += [f"- {_mistake(each)}" for each in survivors]
    for refused in audit.refused:
        lines += ["", f"## {_refusal(refused)}", "", f"**Remedy:** {refused.remedy}.", ""]
        lines += [f"- `{each}`" for each in refused.tests]
    for test in audit.pasted:
        lines += ["", f"## To paste: `{test.name}`", "", "```python", test.text.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def summary(audit: Audit) -> str:
    """Return what an audit has found, in a sentence; it never says more than was looked at."""
    passing = len(audit.survivors)
    told = audit.mistakes - passing
    refused = sum(each.is_counted for each in audit.refused)
    tests = "the tests" if audit.tests is None else _count(audit.tests, "test")
    said = (
        f"{audit.exercise}: of {_count(audit.mistakes, 'mistake')} in {audit.module}, "
        f"{tests} found {told}, and let {passing} pass"
    )
    if audit.honest:
        said += f"; of {_count(audit.honest, 'right variant')} they refused {refused}"
    return f"{said} ({audit.seconds:.0f} s)"


def _coverage(audit: Audit) -> Iterator[str]:
    if audit.left_out:
        yield f"left out, since they fail beside the right module: {', '.join(audit.left_out)}"
    if audit.never_called:
        yield f"never called: {', '.join(audit.never_called)}"
    for each in audit.uncovered:
        yield f"not covered: {_count(each.times, 'call')} of {each.called}: {each.reason}"
    if not audit.is_seeded:
        yield "the inputs differ from run to run: what passes once in three runs counts as passed"


def _groups(audit: Audit) -> dict[tuple[Kind, str, str, str], list[Survivor]]:
    """Return the survivors, those of one cause together."""
    found: dict[tuple[Kind, str, str, str], list[Survivor]] = {}
    for each in sorted(audit.survivors, key=lambda one: list(KINDS).index(one.kind)):
        said, remedy = each.said, each.remedy
        if each.kind == "told_and_accepted" and each.bands is not None:
            said = f"{' and '.join(each.answers)}: compared too loosely, or not at all"
        called = ", ".join(each.called)
        found.setdefault((each.kind, called, said, remedy), []).append(each)
    return found


def _mistake(survivor: Survivor) -> str:
    far = ""
    if survivor.bands is not None:
        far = f", {survivor.bands:.0e} bands off" if isfinite(survivor.bands) else ", another shape"
    return f"{survivor.title} ({survivor.code}){far}"


def _tests(survivors: Sequence[Survivor]) -> str:
    return ", ".join(dict.fromkeys(each.test for each in survivors if each.test))


def _refusal(refused: Refused) -> str:
    counted = "refused, though right" if refused.is_counted else "refused"
    return (
        f"{counted}: {refused.title} ({refused.code}), {refused.share:.0e} of the largest entry "
        f"off, where honest code may be {refused.band:.0e}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
