"""A paper's study on a person's own cases and models: what it asks of them is fitted to what they are.

A paper says how many cases it trains on, validates on and scores. A person's data set may be smaller, may hold cases apart
for a test, and may call its labels otherwise; a person's model has one network. Whatever is changed for that is said in a
line of the study's `notes`, which stand at the start of a run and on the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.comparison import and_words
from TransferSegLib.networks.choice import network_text
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.studies.entries import label_by_name
from TransferSegLib.studies.grid import NO_SOURCE, Study, StudyData, StudySource
from TransferSegLib.studies.plan import naming_field
from TransferSegLib.studies.selection import ALL_LABELS

# With fewer cases no test of a claim can reach p < 0.05, see `claims.py`.
FEWEST_TO_JUDGE = 6

Grid = Mapping[str, Any]


def with_own(study: Study, data: Mapping[str, Path], models: Mapping[str, str]) -> Study:
    """A paper's study with a person's own data sets and models.

    Where a data set has fewer cases than the study's, the study's numbers are scaled: each part keeps its share, six cases
    are scored where as many are left to train on, and training set sizes that do not fit are left out. Cases that the data
    set itself has in the role `test` are scored and never trained on, and its `validation` cases are validated on. Where
    training sets are drawn by the volume of a label that it does not have, they are drawn by that of its own lesion. A
    model has one network, so the trainings that begin from it have that network alone, and so have those from scratch that
    they are compared with.

    Args:
        study: The study of a paper, of made-up cases.
        data: Name of one of its data sets → the person's in place of it.
        models: Name of one of its sources → the person's model in place of it.

    Returns:
        The study, with a note on each change.

    Raises:
        InputError: A data set or a model cannot be read, or has too few cases.
    """
    for name, model in models.items():
        study = _with_model(study, name, model)
    for name, path in data.items():
        with naming_field(f"data.{name}"):
            study = _with_cases(study, name, path)
    return study


@dataclass(frozen=True)
class _Split:
    """How many annotated cases of a data set are for what.

    Attributes:
        train: They are trained on.
        validation: They are drawn to be validated on.
        test: They are drawn to be scored; in a fold, where there are folds.
        own_validation: They have the role `validation` in the data set.
        own_test: They have the role `test`.
        drawn: How many there are without those in these roles.
        scaled: Whether the study's numbers were scaled.
    """

    train: int
    validation: int
    test: int
    own_validation: int
    own_test: int
    drawn: int
    scaled: bool


def _with_cases(study: Study, name: str, path: Path) -> Study:
    papers, cases = study.data[name], read_case_set(path)
    is_target = any(name in _listed(grid["target"]) for grid in study.grids)
    split = _split(papers, cases, is_target)
    own = papers.at(path)
    said = []
    if split.own_test:
        own = replace(own, test=None, folds=None)
        instead = f" in place of the study's {papers.folds} folds" if papers.folds else ""
        what = f"scored{instead}" if is_target else "kept out of training"
        said.append(f"its own {_cases(split.own_test)} in the role `test` {_are(split.own_test)} {what}")
    elif split.scaled and papers.test is not None:
        own = replace(own, test=split.test)
    if split.own_validation:
        own = replace(own, validation=None)
        said.append(
            f"its own {_cases(split.own_validation)} in the role `validation` {_are(split.own_validation)} validated on"
        )
    elif split.scaled and papers.validation is not None:
        own = replace(own, validation=split.validation)
    if split.scaled:
        own = replace(own, train=None)
        said.append(_scaled(papers, split))
    grids, sizes = study.grids, _sizes(study.grids, name)
    sources = study.sources
    if own.folds is None and papers.folds is not None:
        grids = tuple(_without(grids, name, "fold"))
        data = {**study.data, name: own}
        sources = {key: _without_idle_fold(source, data) for key, source in sources.items()}
    if sizes and sizes[-1] > split.train:
        grids = tuple(_with_sizes(grids, name, split.train, sizes[-1]))
        said.append(_left_out([size for size in sizes if size > split.train], split.train))
    grids, sources, gone = _with_source_sizes(grids, sources, name, split.train)
    if gone:
        said.append(f"of the source models {_left_out(gone, split.train)}")
    if own.draw_by_volume_of is not None and not _has_label(cases, own.draw_by_volume_of):
        label = label_by_name(list(cases.labels.values()))
        own = replace(own, draw_by_volume_of=label or ALL_LABELS)
        said.append(f"training sets are drawn by the volume of {f'`{label}`' if label else 'all labels together'}")
    scored = split.own_test or (split.drawn if own.folds else split.test)
    if is_target and scored < FEWEST_TO_JUDGE:
        said.append(f"with fewer than {FEWEST_TO_JUDGE} cases to score, no claim can be judged by them alone")
    notes = (*study.notes, *([f"Data `{name}`: {'; '.join(said)}."] if said else []))
    return replace(study, data={**study.data, name: own}, grids=grids, sources=sources, notes=notes)


def _split(data: StudyData, cases: CaseSet, is_target: bool) -> _Split:
    """Fit the numbers of a paper's data set to a person's.

    Args:
        data: The paper's, of made-up cases.
        cases: The person's.
        is_target: Whether cells of the study are scored on it; else nobody needs six cases to score.

    Raises:
        InputError: There are too few annotated cases.
    """
    roles = Counter(case.role for case in cases.cases if case.label is not None)
    own_test, own_validation = roles["test"], roles["validation"]
    drawn = sum(roles.values()) - own_test - own_validation
    papers = data.cases  # without what the data set's own roles take the place of
    folds = None if own_test else data.folds
    validation = 0 if own_validation else _number(data.validation)
    test = 0 if own_test or folds else _number(data.test)
    if own_validation:
        papers -= _number(data.validation)
    if own_test:
        papers -= _number(data.test) or (-(-data.cases // data.folds) if data.folds else 0)
    numbered = any(isinstance(part, int) for part in (data.train, data.validation, data.test)) or bool(data.folds)
    scaled = numbered and drawn < papers
    if scaled:
        validation = max(1, round(drawn * validation / papers)) if validation else 0
        share = round(drawn * test / papers)
        test = max(1, share, min(FEWEST_TO_JUDGE, (drawn - validation) // 2)) if test and is_target else share
    if folds:
        test = -(-drawn // folds)
    train = drawn - validation - test
    if numbered and (train < 1 or drawn < (folds or 0)):
        raise InputError(
            "study-own-cases",
            "{root}: has {found} annotated {found:~case|cases}{roles:? without those it has in the roles `test` and "
            "`validation`|}, too few to train on, to validate and to score; give more.",
            root=cases.root,
            found=drawn,
            roles=bool(own_test or own_validation),
        )
    if isinstance(data.train, int) and not scaled:
        train = data.train
    return _Split(train, validation, test, own_validation, own_test, drawn, scaled)


def _number(part: int | tuple[str, ...] | None) -> int:
    return part if isinstance(part, int) else 0


def _scaled(papers: StudyData, split: _Split) -> str:
    parts = [f"{split.train} to train on"]
    parts += [f"{split.validation} to validate"] if split.validation else []
    parts += [f"{split.test} to score{' in a fold' if papers.folds else ''}"] if split.test else []
    return f"the study's numbers were scaled to {_cases(split.drawn)}: {and_words(parts)}"


def _left_out(sizes: Sequence[int], train: int) -> str:
    fewer = f"{'size' if len(sizes) == 1 else 'sizes'} {and_words([str(size) for size in sizes])}"
    return f"{fewer} left out, all {train} in place of the largest"


def _cases(count: int) -> str:
    return f"{count} {'case' if count == 1 else 'cases'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _has_label(cases: CaseSet, label: str) -> bool:
    return label.casefold() in {name.casefold() for name in cases.labels.values()}


def _sizes(grids: Sequence[Grid], target: str) -> list[int]:
    """The training set sizes of a target in all grids, the smallest first."""
    found = {size for grid in grids if target in _listed(grid["target"]) for size in _listed(grid.get("size", []))}
    return sorted(found)


def _apart(grids: Sequence[Grid], factor: str, level: str) -> Iterator[tuple[Grid, bool]]:
    """The same grids, with what one level of a factor has in them as grids of its own; each with whether it is that."""
    for grid in grids:
        levels = _listed(grid[factor])
        others = [one for one in levels if one != level]
        if len(others) == len(levels):
            yield grid, False
            continue
        yield {**grid, factor: level}, True
        if others:
            yield {**grid, factor: others if len(others) > 1 else others[0]}, False


def _without(grids: Sequence[Grid], target: str, *factors: str) -> Iterator[Grid]:
    """The grids with some factors left out where they are of a target."""
    for grid, is_mine in _apart(grids, "target", target):
        yield {factor: levels for factor, levels in grid.items() if not is_mine or factor not in factors}


def _with_sizes(grids: Sequence[Grid], target: str, train: int, largest: int) -> Iterator[Grid]:
    """The grids with the sizes of a target that fit, and all its cases in place of the largest."""
    for grid, is_mine in _apart(grids, "target", target):
        if not is_mine or "size" not in grid:
            yield grid
            continue
        sizes = _listed(grid["size"])
        if fewer := [size for size in sizes if size < train]:
            yield {**grid, "size": fewer}
        if largest in sizes:
            # There is one draw of all cases.
            yield {factor: levels for factor, levels in grid.items() if factor not in ("size", "draw")}


def _with_source_sizes(
    grids: Sequence[Grid], sources: Mapping[str, StudySource], data: str, train: int
) -> tuple[tuple[Grid, ...], dict[str, StudySource], list[int]]:
    """The source models that learn from so many cases of a data set: those that fit, and one of all in place of the largest.

    Returns:
        The grids, the sources, and the sizes that were left out.
    """
    found = {
        name: source.pretrain.size
        for name, source in sources.items()
        if source.pretrain is not None and source.pretrain.data == (data,) and source.pretrain.size is not None
    }
    largest = max(found.values(), default=0)
    if largest <= train:
        return tuple(grids), dict(sources), []
    renamed: dict[str, str | None] = dict.fromkeys((name for name, size in found.items() if size >= train))
    changed: dict[str, StudySource] = {}
    for name, source in sources.items():
        if name not in renamed:
            changed[name] = source
        elif found[name] == largest and source.pretrain is not None:
            new = f"{name.removesuffix(f'-{largest}')}-{train}" if name.endswith(f"-{largest}") else name
            changed[new] = replace(source, pretrain=replace(source.pretrain, size=None))
            renamed[name] = new
    kept = []
    for grid in grids:
        levels = [renamed.get(source, source) for source in _listed(grid["source"])]
        some = [source for source in levels if source is not None]
        if some:
            kept.append({**grid, "source": some if len(some) > 1 else some[0]})
    return tuple(kept), changed, sorted(size for size in found.values() if size > train)


def _without_idle_fold(source: StudySource, data: Mapping[str, StudyData]) -> StudySource:
    """The source without the fold that it has in common with a cell, where none of its data sets has folds any more."""
    pretrain = source.pretrain
    if pretrain is None or any(data[name].folds for name in pretrain.data):
        return source
    return replace(source, pretrain=replace(pretrain, follows=tuple(f for f in pretrain.follows if f != "fold")))


def _with_model(study: Study, name: str, model: str) -> Study:
    own = {**study.sources, name: StudySource(model=model)}
    pretrain = study.sources[name].pretrain
    if pretrain is None or pretrain.network is not None:
        return replace(study, sources=own)
    with naming_field(f"sources.{name}.model"):
        network = find_source(model).card.network
    text = network_text(network)
    before = [
        network for grid in study.grids if name in _listed(grid["source"]) for network in _listed(grid["network"])
    ]
    first = before[0]
    grids: list[Grid] = []
    targets: dict[str, None] = {}
    for grid, is_mine in _apart(study.grids, "source", name):
        if not is_mine:
            grids.append(grid)
        elif first in _listed(grid["network"]):
            grids.append({factor: levels for factor, levels in grid.items() if factor != "network"})
            targets |= dict.fromkeys(_listed(grid["target"]))
    for target in targets:
        grids = list(_compared(grids, target, set(before), first, text))
    others = [one for one in dict.fromkeys(before) if one != text]
    note = f"Source `{name}`: your model's network is `{network.name}`, so what begins from it has that network alone"
    if others:
        note += f", not {and_words([f'`{one}`' for one in others])}"
    note += ", and it is compared with the same network from scratch."
    return replace(study, sources=own, grids=tuple(grids), notes=(*study.notes, note))


def _compared(grids: Sequence[Grid], target: str, before: set[str], first: str, network: str) -> Iterator[Grid]:
    """The grids with a target's trainings from scratch in the network of a person's model.

    Args:
        grids: The grids.
        target: The target.
        before: The networks that the study had in place of the model's.
        first: The first of these, in place of which the model's is trained from scratch.
        network: The model's.
    """
    needed = {
        one
        for grid in grids
        if target in _listed(grid["target"]) and _listed(grid["source"]) != [NO_SOURCE]
        for one in _listed(grid.get("network", []))
    }
    for grid, is_mine in _apart(grids, "target", target):
        if not is_mine or grid["source"] != NO_SOURCE:
            yield grid
            continue
        levels = _listed(grid["network"])
        found = [network] if first in levels else []
        found += [one for one in levels if one not in before or one in needed]
        if found := list(dict.fromkeys(found)):
            yield {**grid, "network": found if len(found) > 1 else found[0]}


def _listed(levels: Any) -> list[Any]:
    return list(levels) if isinstance(levels, (list, tuple)) else [levels]
