"""JUnit XML, as GitLab, Jenkins and many others read it."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gradgrade.service.code_grading.results.report import Report, Result

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def write_junit(report: Report) -> str:
    """Return a report as JUnit XML: one suite, a test case a result.

    A wrong result is a failure; one that is not there for a cause, an exception or a timeout, is an
    error. What was not judged, since another part is malformed, is skipped.

    The suite's name is each case's class name too, which is what GitLab shows. Points are told in
    failures and errors, since JUnit has no field for them.

    Source: the JUnit schema of Jenkins; GitLab, Unit test reports.
    """
    tags = [_tag(each) for each in report.results]
    counts = {
        "name": report.name,
        "tests": str(len(report.results)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
    }
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", counts)
    for each, text in zip(report.results, report.texts, strict=True):
        _case(suite, each, text, report.name)
    indent(root)
    return f"{DECLARATION}\n{tostring(root, 'unicode')}\n"


def _tag(result: Result) -> str | None:
    """Return the tag of what a case holds; one that passed holds nothing."""
    if result.passed:
        return None
    if not result.was_judged:
        return "skipped"
    return "failure" if result.headline is None else "error"


def _case(suite: Element, result: Result, text: str, classname: str) -> None:
    cause, tag = result.headline, _tag(result)
    place = None if cause is None else cause.place
    where = {} if place is None else {"file": place.file, "line": str(place.line)}
    fields = {"classname": classname, "name": result.name, **where}
    case = SubElement(suite, "testcase", fields)
    if tag is None:
        return
    if tag == "skipped":
        SubElement(case, tag, {"message": text or result.outcome})
        return
    earned = f"{result.points} of {result.max_points} points"
    kind = result.outcome if cause is None else cause.kind
    told = SubElement(case, tag, {"message": f"{kind}: {earned}", "type": kind})
    lines = [earned, text]
    if place is not None:
        lines.insert(0, f"{place.file}:{place.line}")
    told.text = "\n".join(filter(None, lines))
