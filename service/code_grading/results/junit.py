"""JUnit XML, as GitLab, Jenkins and many others read it."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gradgrade.service.code_grading.results.report import Report, Result

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def write_junit(report: Report) -> str:
    """Return a report as JUnit XML: one suite, a test case a result, a failure where it is wrong.

    What was not judged, since another part is malformed, is skipped.

    The suite's name is each case's class name too, which is what GitLab shows. Points are told in
    the failures, since JUnit has no field for them.

    Source: the JUnit schema of Jenkins; GitLab, Unit test reports.
    """
    failed = sum(each.was_judged and not each.passed for each in report.results)
    skipped = sum(not each.was_judged for each in report.results)
    counts = {
        "name": report.name,
        "tests": str(len(report.results)),
        "failures": str(failed),
        "errors": "0",
        "skipped": str(skipped),
    }
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", counts)
    for each in report.results:
        _case(suite, each, report.name)
    indent(root)
    return f"{DECLARATION}\n{tostring(root, 'unicode')}\n"


def _case(suite: Element, result: Result, classname: str) -> None:
    place = result.place
    where = {} if place is None else {"file": place.file, "line": str(place.line)}
    fields = {"classname": classname, "name": result.name, **where}
    case = SubElement(suite, "testcase", fields)
    if result.passed:
        return
    if not result.was_judged:
        SubElement(case, "skipped", {"message": result.text or result.outcome})
        return
    earned = f"{result.points} of {result.max_points} points"
    failure = SubElement(
        case, "failure", {"message": f"{result.outcome}: {earned}", "type": result.outcome}
    )
    lines = [earned, result.text]
    if place is not None:
        lines.insert(0, f"{place.file}:{place.line}")
    failure.text = "\n".join(filter(None, lines))
