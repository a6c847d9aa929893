"""Findings that say alike, as one sentence for all of them: nobody reads thirty sentences for thirty missing labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from TransferSegLib.core.problems import MOST_ITEMS, Problem


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Put together what is said several times: of several labels of a case, and of several cases.

    What several cases have alike comes once, with up to six of their names and their number. Where more than six problems of
    one kind differ in what they name, such as a file, the first stands for all of them.

    Args:
        problems: What was found.

    Returns:
        Fewer problems, each where the first of its kind was. One that is about a single case has that in `case`; one about
        several names them in its sentence.
    """
    alike: dict[Problem, list[str]] = {}
    for problem in _labels_together(problems):
        alike.setdefault(replace(problem, case=None), []).extend([problem.case] if problem.case else [])
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for problem in alike:
        kinds.setdefault((problem.code, problem.severity), []).append(problem)
    found: list[Problem] = []
    for kind in kinds.values():
        cases = [name for problem in kind for name in alike[problem]]
        if len(kind) > MOST_ITEMS and len(cases) > MOST_ITEMS:
            found.append(_first_of(kind[0], list(dict.fromkeys(cases))))
        else:
            found += [_of_cases(problem, alike[problem]) for problem in kind]
    return found


def finding_lines(problems: Iterable[Problem]) -> list[str]:
    """Write findings as lines of text, grouped, such as `warning: case `sub-07`: what was found; what to do.`."""
    return [
        f"{problem.severity}: {f'case `{problem.case}`: ' if problem.case else ''}{problem.sentence}"
        for problem in grouped(problems)
    ]


def _of_cases(problem: Problem, cases: Sequence[str]) -> Problem:
    if len(cases) < 2:
        return replace(problem, case=cases[0] if cases else None)
    fields = {"count": len(cases), "cases": cases, "problem": problem}
    return Problem("cases-alike", "{count} cases ({cases:…`}): {problem}.", fields, problem.severity)


def _first_of(problem: Problem, cases: Sequence[str]) -> Problem:
    fields = {"count": len(cases), "cases": cases, "first": cases[0], "problem": problem}
    return Problem(
        "cases-of-a-kind", "{count} cases ({cases:…`}), such as `{first}`: {problem}.", fields, problem.severity
    )


def _labels_together(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for all labels that the same is said of."""
    found: dict[tuple[str, str | None, str], list[Problem]] = {}
    for n, problem in enumerate(problems):
        # Version 0.1.0 wrote no fields.
        one_label = problem.code in ("missing-label", "rare-label") and "label" in problem.fields
        found.setdefault((problem.code, problem.case, "" if one_label else str(n)), []).append(problem)
    return [_of_labels(several) if len(several) > 1 else several[0] for several in found.values()]


def _of_labels(problems: Sequence[Problem]) -> Problem:
    first = problems[0]
    fields = {
        "labels": [problem.fields["label"] for problem in problems],
        "number": len(problems),
        "cases": first.fields["cases"],
    }
    if first.code == "missing-label":
        return Problem(
            "missing-labels",
            "lacks {number} labels ({labels:…`}) that most of the {cases} annotated cases have",
            fields,
            first.severity,
            "annotate them, unless they are really not there",
            first.case,
        )
    return Problem(
        "rare-labels",
        "{number} labels ({labels:…`}) occur in one or none of {cases} annotated {cases:~case|cases}",
        fields,
        first.severity,
        "annotate them in two cases or more: they cannot be scored on a case that was not trained on",
        first.case,
    )
