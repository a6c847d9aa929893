"""`transferseg study`: run a grid of jobs as one study, and read tables, figures and claims off it."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.cli.printing import CANCELLED, say
from TransferSegLib.cli.progress import LINE_EVERY_S, progress_line
from TransferSegLib.cli.signals import how_to_stop_at_once, on_stop_signals
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import temporary_folder
from TransferSegLib.core.problems import render
from TransferSegLib.core.texts import one_line
from TransferSegLib.studies.executors import EXECUTORS
from TransferSegLib.studies.executors.executor import Where
from TransferSegLib.studies.folder import STUDY_FILE, StudyFolder
from TransferSegLib.studies.grid import Study, StudySource, cells, read_study, study_text, varied_levels
from TransferSegLib.studies.papers import PAPERS, find_paper
from TransferSegLib.transfer.strategies import find_strategy

if TYPE_CHECKING:
    from TransferSegLib.studies.estimate import StudyEstimate
    from TransferSegLib.studies.plan import StudyPlan, Task
    from TransferSegLib.studies.progress import StudyProgress

# What may stand in place of a study, followed by a study's folder (`print`: by a study).
ACTIONS = ("status", "resume", "report", "print")
# The options that each takes; a new study takes all.
_TAKEN = {
    "status": ("json",),
    "resume": ("executor", "address", "workers", "dry_run", "json"),
    "report": ("json",),
    "print": ("data", "source", "quick"),
}
_OPTIONS = ("out", "data", "source", "quick", "executor", "address", "workers", "dry_run", "json")
# Exit codes: some cells are done and some failed, or none is done.
SOME_FAILED, NONE_DONE = 1, 3

EXAMPLES = f"""\
examples:
  transferseg study mecheter2023 --quick --out study          a paper's study on made-up heads, in minutes
  transferseg study hossain2023 --data my-cases --source my-model --out study
  transferseg study print karimi2021 > grid.yaml              a study to copy and change
  transferseg study grid.yaml --out study --dry-run
  transferseg study grid.yaml --out study --executor ray --address auto
  transferseg study status study
  transferseg study resume study                              also after a change of study/{STUDY_FILE}
  transferseg study report study                              writes tables, figures and report anew

Ctrl-C stops in good order. The study then ends with what is done, and `resume` goes on with the rest.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `study`."""
    known = ", ".join(PAPERS)
    parser = commands.add_parser(
        "study",
        help="run a grid of jobs, such as that of a paper, up to its tables and figures",
        description=(
            "Run a study: strategies, sources, networks, sizes, draws, folds and seeds as a grid of jobs, which share what\n"
            "they can. It ends in results.csv, tables, figures, and a page that says what was seen."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "what",
        metavar="NAME|GRID.yaml|ACTION",
        help=f"a paper's study ({known}), a YAML file, or an action on a study's folder: {', '.join(ACTIONS)}",
    )
    parser.add_argument("study", nargs="?", metavar="STUDY", help="the study's folder; for `print` a paper or a file")
    parser.add_argument(
        "--out", type=Path, metavar="STUDY", help="the study's folder, new or empty, or that of this study"
    )
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="[NAME=]DATASET",
        help="your cases in place of the study's data set NAME; leave out NAME= where the study has one target",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="[NAME=]MODEL",
        help="a source model (its name, its folder or a job's) in place of the study's source NAME; leave out NAME= where it "
        "has one",
    )
    parser.add_argument(
        "--quick", action="store_true", help="run the small version of a paper's study: minutes, not days"
    )
    parser.add_argument("--executor", choices=tuple(EXECUTORS), help="where the jobs are run (default local)")
    parser.add_argument(
        "--address",
        metavar="ADDRESS",
        help="the address of a Ray cluster, or `auto`; without it, Ray is started on this computer",
    )
    parser.add_argument("--workers", type=int, metavar="N", help="how many jobs are run at the same time (local: 1)")
    parser.add_argument("--dry-run", action="store_true", help="print what would be run, without running it")
    parser.add_argument("--json", action="store_true", help="print the plan, the state or the result as JSON")
    parser.set_defaults(run=study)


def study(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if arguments.workers is not None and arguments.workers < 1:
        raise InputError("study-workers", "{option}: give 1 or more.", option=f"--workers {arguments.workers}")
    if arguments.address is not None and arguments.executor != "ray":
        raise InputError(
            "study-address",
            "{option}: only Ray has an address; give {also}, too.",
            option=f"--address {arguments.address}",
            also="--executor ray",
        )
    _refuse_untaken(arguments)
    if arguments.what not in ACTIONS:
        if arguments.study is not None:
            raise InputError(
                "study-action",
                "`{what}` is none of {actions}, so nothing follows it; see `{help}`.",
                what=arguments.what,
                actions=ACTIONS,
                help="transferseg study --help",
            )
        return _begin(arguments)
    if arguments.study is None:
        raise InputError(
            "study-action-of-what", "`{action}` of which study? Give it after `{action}`.", action=arguments.what
        )
    if arguments.what == "print":
        found = _find(arguments.study, arguments.quick)
        print(study_text(_changed(found, arguments, fit=arguments.study in PAPERS)), end="")
        return 0
    folder = StudyFolder(Path(arguments.study))
    if arguments.what == "status":
        return _print_status(folder, arguments.json)
    if arguments.what == "report":
        return _report(folder, arguments.json)
    if arguments.dry_run:
        from TransferSegLib.studies.run import open_study

        with _bar() as bar:
            found, plan = open_study(folder, bar)
            described = _described(plan, bar)
        return _print_plan(found, plan, described, arguments.json)
    return _run(folder, arguments)


def _refuse_untaken(arguments: argparse.Namespace) -> None:
    """Refuse an option that would be without effect."""
    taken = _TAKEN.get(arguments.what, _OPTIONS)
    for name in _OPTIONS:
        if name not in taken and getattr(arguments, name) not in (None, False, []):
            raise InputError(
                "study-option-untaken",
                "{option}: `study {action}` does not take it; it takes {taken}.",
                option=_flag(name),
                action=arguments.what,
                taken=[_flag(one) for one in taken],
            )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _begin(arguments: argparse.Namespace) -> int:
    found = _find(arguments.what, arguments.quick)
    found = _changed(found, arguments, fit=arguments.what in PAPERS)
    if arguments.dry_run:
        return _plan_new(found, arguments.json)
    if arguments.out is None:
        raise InputError(
            "study-out", "{option} STUDY is missing; say where the study's folder shall be.", option="--out"
        )
    from TransferSegLib.studies.run import begin_study

    folder = StudyFolder(arguments.out)
    begin_study(found, folder)
    for note in found.notes:
        say(note)
    return _run(folder, arguments)


def _find(name: str, quick: bool) -> Study:
    """A study by the name of a paper, or from a file."""
    path = Path(name).expanduser()
    if name in PAPERS:
        paper = find_paper(name)
        return paper.quick if quick else paper.grid
    if not path.is_file():
        raise InputError(
            "study-unknown",
            "`{name}` is no paper ({papers}) and no file; check the name.",
            name=name,
            papers=PAPERS,
        )
    if quick:
        raise InputError(
            "study-quick-file",
            "{option} is for a paper's study; write fewer levels and steps into {path}.",
            option="--quick",
            path=path,
        )
    return read_study(path)


def _changed(found: Study, arguments: argparse.Namespace, fit: bool) -> Study:
    """The study with the person's own data sets and models; a paper's is fitted to them."""
    targets = list(dict.fromkeys(str(cell.factors["target"]) for cell in cells(found)))
    sources = list(found.sources)
    named = (_named(text, found.data, targets, "--data") for text in arguments.data)
    data = {name: Path(value).expanduser().absolute() for name, value in named}
    models = dict(_named(text, found.sources, sources, "--source") for text in arguments.source)
    if fit and (data or models):
        from TransferSegLib.studies.own_data import with_own

        changed = with_own(found, data, models)
    else:
        at = {name: found.data[name].at(path) for name, path in data.items()}
        given = {name: StudySource(model=model) for name, model in models.items()}
        changed = replace(found, data={**found.data, **at}, sources={**found.sources, **given})
    cells(changed)
    return changed


def _named(text: str, known: object, unnamed: list[str], option: str) -> tuple[str, str]:
    """The name and the value of `[NAME=]VALUE`."""
    name, equals, value = text.partition("=")
    if equals and name in known:  # type: ignore[operator]
        return name, value
    if len(unnamed) == 1:
        return unnamed[0], text
    raise InputError(
        "study-which-one",
        "{option} {value}: the study has {known}; say which one, as NAME={value}.",
        option=option,
        value=text,
        known=list(known) or ["none"],  # type: ignore[call-overload]
    )


def _run(folder: StudyFolder, arguments: argparse.Namespace) -> int:
    from TransferSegLib.studies.run import run_study

    where = Where(arguments.executor or "local", arguments.workers, arguments.address)
    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(_bar())
        end = run_study(folder, where, bar, lambda progress: stack.enter_context(_stop_on_interrupt(progress)))
    for failure in end.failed:
        say(f"{failure.name}: {failure.problem.sentence if failure.problem else 'failed.'}")
    if arguments.json:
        _print_json({"cells": end.cells, "done": end.done, "failed": [one.name for one in end.failed]}, folder)
    else:
        _print_end(folder)
    if end.done < end.cells:
        say(
            f"{end.done} of {end.cells} cells are done; `transferseg study resume {folder.path}` goes on with the others."
        )
    if end.stopped:
        return CANCELLED
    return 0 if end.done == end.cells else SOME_FAILED if end.done else NONE_DONE


def _report(folder: StudyFolder, as_json: bool) -> int:
    from TransferSegLib.studies.report import write_study_report
    from TransferSegLib.studies.run import open_study

    found, plan = open_study(folder)
    try:
        write_study_report(found, plan, folder)
    except OSError as error:
        raise JobError(
            "study-not-reported",
            "{path}: cannot be written ({reason}); make the folder writable or make room in it, then run this again.",
            path=error.filename or folder.report,
            reason=error.strerror,
        ) from None
    if as_json:
        _print_json({}, folder)
    else:
        _print_end(folder)
    return 0


def _print_end(folder: StudyFolder) -> None:
    from TransferSegLib.studies.results import read_results
    from TransferSegLib.studies.summary import score_text

    if text := score_text(read_results(folder.results_csv)):
        print(text)
    for what, path, ending in (("table", folder.tables, "csv"), ("figure", folder.figures, "png")):
        if count := len(list(path.glob(f"*.{ending}"))):
            print(f"{count} {what if count == 1 else f'{what}s'}: {path}")
    print(f"Report: {folder.report}")


def _print_json(facts: dict[str, object], folder: StudyFolder) -> None:
    from TransferSegLib.jobs.files import json_text
    from TransferSegLib.studies.results import read_results
    from TransferSegLib.studies.summary import score_lines

    scores = score_lines(read_results(folder.results_csv))
    print(json_text({**facts, "scores": scores, "results": folder.results_csv, "report": folder.report}, indent=2))


def _print_status(folder: StudyFolder, as_json: bool) -> int:
    from TransferSegLib.jobs.files import json_text
    from TransferSegLib.studies.status import study_status

    found = study_status(folder)
    if as_json:
        print(json_text(found, indent=2))
        return 0
    print(found.title)
    print(progress_line(found.fraction, None, f"{found.states.get('done', 0)} of {found.cells} cells"))
    for state, count in found.states.items():
        print(f"  {count} {state}")
    for name, share in found.running.items():
        print(f"running: {name} ({100 * share:.0f} %)")
    for name, problem in found.failed.items():
        print(f"failed: {name}: {problem.sentence}")
    return 0


def _plan_new(found: Study, as_json: bool) -> int:
    """Print what a study that is not there yet would run."""
    from TransferSegLib.studies.plan import make_phantoms, plan_study
    from TransferSegLib.studies.run import with_whole_paths

    with temporary_folder("transferseg-study-") as made:
        folder = StudyFolder(made)
        study = with_whole_paths(found)
        with _bar() as bar:
            make_phantoms(study, folder, 1, bar)
            plan = plan_study(study, folder)
            described = _described(plan, bar)
        return _print_plan(study, plan, described, as_json)


def _described(plan: StudyPlan, bar: _Bar) -> tuple[set[str], StudyEstimate]:
    """What is done of a study that may be run, and an estimate of what is left."""
    from TransferSegLib.studies.checking import check_study
    from TransferSegLib.studies.estimate import estimate_study
    from TransferSegLib.studies.work import is_done

    done = {task.name for task in plan.tasks if is_done(task)}
    return done, estimate_study(plan, done, check_study(plan, done, bar), bar)


def _print_plan(found: Study, plan: StudyPlan, described: tuple[set[str], StudyEstimate], as_json: bool) -> int:
    from TransferSegLib.jobs.estimate import time_in_words
    from TransferSegLib.jobs.files import json_text

    done, estimate = described

    def said(task: Task) -> str:
        return "done" if task.name in done else _work(task)

    sources = {task.name: said(task) for task in plan.pretrainings}
    jobs = {task.name: said(task) for _, task in plan.cells}
    levels = varied_levels(found)
    if as_json:
        facts = {"title": found.title, "notes": found.notes, "varied": levels, "sources": sources, "cells": jobs}
        print(json_text({**facts, "trainings": estimate.trainings, "seconds": estimate.seconds}, indent=2))
        return 0
    print(f"{found.title}\n")
    for note in found.notes:
        print(note)
    if found.notes:
        print()
    print(f"{render('{count} {count:~cell|cells}', {'count': len(jobs)})}:")
    for factor, some in levels.items():
        print(f"  {factor}: {', '.join('–' if level is None else str(level) for level in some)}")
    if sources:
        trained = render("{count} {count:~source model is|source models are}", {"count": len(sources)})
        print(f"\n{trained} trained first:")
        for name, work in sources.items():
            print(f"  {name}: {work}")
    print("\nThe cells:")
    for name, work in jobs.items():
        print(f"  {name}: {work}")
    counts = {"cells": len(jobs), "done": len(done & jobs.keys()), "trainings": estimate.trainings}
    total = (
        "{cells} {cells:~cell|cells}{some:?, {done} of them done|}; {trainings} {trainings:~training|trainings} to run"
    )
    total = render(total, {**counts, "some": counts["done"] > 0})
    if estimate.seconds is not None:
        total += render(": about {time} on this computer, one job at a time", {"time": time_in_words(estimate.seconds)})
    print(f"\n{total}.")
    return 0


def _work(task: Task) -> str:
    """What a job does, in words."""
    spec = task.spec
    assert spec.cases is not None
    training = spec.training
    scored = f"{len(spec.cases.test)} to score"
    if not find_strategy(spec.strategies[0].name).trains:
        return f"nothing to train, {scored}"
    budget = next(
        (
            f"{value:g} {unit}"
            for value, unit in ((training.steps, "steps"), (training.epochs, "epochs"), (training.minutes, "minutes"))
            if value is not None
        ),
        "as long as the job chooses",
    )
    count = {"count": len(spec.cases.train)}
    return f"{render('{count} {count:~case|cases} to train on', count)}, {scored}, {budget}"


class _Bar:
    """The bar of a study on a terminal, or a line now and then in a log."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._at = -LINE_EVERY_S
        self._drawn = False

    def __call__(self, fraction: float, seconds_left: float | None, text: str) -> None:
        line = one_line(progress_line(fraction, seconds_left, text))
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{line[:width]}", end="", file=sys.stderr, flush=True)
            self._drawn = True
        elif time.monotonic() - self._at > LINE_EVERY_S:
            self._at = time.monotonic()
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Remove the bar."""
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _bar() -> Iterator[_Bar]:
    """A bar that is removed at the end."""
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()


@contextlib.contextmanager
def _stop_on_interrupt(progress: StudyProgress) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM stop the study in good order, and the second one end the program at once."""

    def interrupted(number: int) -> None:
        if progress.stopping:
            os._exit(CANCELLED)
        progress.stop()
        say(how_to_stop_at_once(number))

    with on_stop_signals(interrupted):
        yield
