"""A run reads each file, plans each training and lists the cases as seldom as it can."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from TransferSegLib import networks
from TransferSegLib.cases import facts
from TransferSegLib.cli import main
from TransferSegLib.jobs import context, finishing
from TransferSegLib.training import loop
from TransferSegLib.transfer import strategies

# An audit hook stays for as long as the process lives, so there is one, and it counts while a test asks for it.
_counting: list[Counter[Path]] = []


def _count_opened(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _counting and isinstance(arguments[0], (str, Path)):
        for counter in _counting:
            counter[Path(arguments[0])] += 1


sys.addaudithook(_count_opened)


@pytest.fixture
def opened() -> Iterator[Counter[Path]]:
    """How often each file was opened, by its path; other tests, whose phantoms are the same, may have looked at them."""
    facts._known_label_facts.cache_clear()
    with counted() as counter:
        yield counter


@contextlib.contextmanager
def counted() -> Iterator[Counter[Path]]:
    counter: Counter[Path] = Counter()
    _counting.append(counter)
    yield counter
    _counting.remove(counter)


@pytest.fixture
def opened_for_the_report(monkeypatch: pytest.MonkeyPatch, target: Path) -> Counter[Path]:
    """How often each of the target's files was opened while a report was written."""
    original, counter = finishing.write_report_of, Counter()

    def write_report_of(*arguments: Any) -> None:
        with counted() as found:
            original(*arguments)
        counter.update({path: times for path, times in found.items() if target in path.parents})

    monkeypatch.setattr(finishing, "write_report_of", write_report_of)
    return counter


@pytest.fixture(params=["with names of labels", "without names of labels"])
def target(phantoms, request, tmp_path) -> Path:
    """Three annotated cases; where nobody names the labels, their values are looked up in the files."""
    if request.param == "with names of labels":
        return phantoms("t2w", 3)
    shutil.copytree(phantoms("t2w", 3) / "imagesTr", tmp_path / "cases" / "images")
    shutil.copytree(phantoms("t2w", 3) / "labelsTr", tmp_path / "cases" / "labels")
    return tmp_path / "cases"


def library_modules() -> list[Any]:
    """The modules of the library that are loaded."""
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "TransferSegLib"]


@contextlib.contextmanager
def replaced(original: Callable[..., Any], other: Callable[..., Any]) -> Iterator[None]:
    """Put another function in a function's place, in each module that has it, and take it out of each again.

    A module that is loaded meanwhile has the other one, too, of which monkeypatch would not know.
    """
    name = original.__name__

    def put(old: Callable[..., Any], new: Callable[..., Any]) -> None:
        for module in library_modules():
            if getattr(module, name, None) is old:
                setattr(module, name, new)

    put(original, other)
    try:
        yield
    finally:
        put(other, original)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often what is costly was done."""
    counter: Counter[str] = Counter()
    all_replaced = contextlib.ExitStack()

    def count(original: Callable[..., Any], key: Callable[[Any], str | None]) -> None:
        def counting(*arguments: Any, **named: Any) -> Any:
            result = original(*arguments, **named)
            if (found := key(result)) is not None:
                counter[found] += 1
            return result

        all_replaced.enter_context(replaced(original, counting))

    def has_weights(network: torch.nn.Module) -> bool:
        return not any(parameter.is_meta for parameter in network.parameters())

    count(context.read_case_set, lambda result: "case sets listed")
    count(context.find_source, lambda result: "sources found")
    count(context.load_state, lambda result: "weights read")
    count(strategies.make_plan, lambda plan: "plans" if has_weights(plan.network) else None)
    count(networks.build, lambda network: "networks" if has_weights(network) else None)
    original = loop.Training.__init__

    def counting(self: Any, *arguments: Any, **named: Any) -> None:
        counter["trainings"] += 1
        original(self, *arguments, **named)

    monkeypatch.setattr(loop.Training, "__init__", counting)
    with all_replaced:
        yield counter


def times_opened(target: Path, opened: Counter[Path], for_the_report: Counter[Path]) -> dict[str, int]:
    """How often each annotated case's files were opened, but for the report."""
    files = sorted(path for path in target.glob("*/*.nii.gz") if not path.parent.name.endswith("Ts"))
    assert len(files) == 6
    return {str(path.relative_to(target)): opened[path] - for_the_report[path] for path in files}


def test_adapt_reads_each_file_twice_and_plans_each_training_once(
    tmp_path, tiny_source, target, opened, opened_for_the_report, calls
):
    job = tmp_path / "job"
    command = ["adapt", "--source", str(tiny_source), "--target", str(target), "--strategy", "open", "--folds", "3"]
    assert main([*command, "--steps", "2", "--deterministic", "--out", str(job)]) == 0
    times = times_opened(target, opened, opened_for_the_report)
    # To check the cases, and to prepare them. A segmentation lies as the image's header says, which is known by then.
    assert times == dict.fromkeys(times, 2)
    assert max(opened_for_the_report.values()) == 1
    assert calls == {
        "case sets listed": 1,
        "sources found": 1,
        "weights read": 1,
        "trainings": 4,
        # `direct` trains nothing: its plan serves all folds. One more serves the models of the folds that are kept.
        "plans": 6,
        "networks": 6,
    }


@pytest.mark.parametrize("target", ["with names of labels"], indirect=True)
def test_comparing_two_strategies_reads_no_file_more_often_and_plans_each_training_once(
    tmp_path, tiny_source, target, opened, opened_for_the_report, calls
):
    strategies_given = ["--strategies", "conservative:layers=2,open"]
    command = ["compare", "--source", str(tiny_source), "--target", str(target), *strategies_given]
    options = ["--folds", "3", "--steps", "2", "--deterministic", "--out", str(tmp_path / "job")]
    assert main([*command, *options]) == 0
    times = times_opened(target, opened, opened_for_the_report)
    assert times == dict.fromkeys(times, 2)
    assert max(opened_for_the_report.values()) == 1
    assert calls == {
        "case sets listed": 1,
        "sources found": 1,
        "weights read": 1,
        # Two strategies in three folds, and the final model.
        "trainings": 7,
        # One more serves the models of the folds that are kept.
        "plans": 8,
        "networks": 8,
    }
