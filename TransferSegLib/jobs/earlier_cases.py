"""The cases that a parent job and the jobs before it had, and which of them a case of now is.

A case of now is one of theirs if it has its voxels or its name: an image that was exported anew, bias corrected or cropped
between two jobs has the same name and other voxels, and a fold's model may still have seen it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.cases.digests import Digests
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.jobs.folder import DIGESTS, SPLIT, JobFolder
from TransferSegLib.jobs.stored_split import stored_digests, stored_folds


@dataclass(frozen=True)
class EarlierCase:
    """A case of an earlier job.

    Attributes:
        called: What that job called it.
        name: What the job of now calls it; "" where names do not tell.
        fold: The number of the fold that scored it; None for none.
        images: The digests of its images; none where they are not known.
    """

    called: str
    name: str
    fold: int | None
    images: frozenset[str]


@dataclass(frozen=True)
class EarlierCases:
    """The cases of a parent and of the jobs before it, as far as these are still there.

    Attributes:
        path: The folder of the parent.
        cases: The cases, those of the parent first. A case is there once for each job that had it.
    """

    path: Path
    cases: tuple[EarlierCase, ...]

    @classmethod
    def read(cls, parent: JobFolder, called: Mapping[str, str] | None) -> EarlierCases:
        """Read the cases of a parent and of the jobs that its models began from.

        Args:
            parent: The parent.
            called: Name of a case of now → what the parent called it, see `JobSpec.parent_cases`.

        Raises:
            InputError: The file of an earlier job is damaged.
        """
        found: list[EarlierCase] = []
        paths: set[Path] = set()
        job, names = parent, None if called is None else {was: now for now, was in called.items()}
        same_folds = True
        while job.path not in paths:
            paths.add(job.path)
            folds = stored_folds(job)
            same_folds = same_folds and bool(folds)  # those of a job without folds were drawn anew by the next one
            scored = {case: fold.number for fold in folds for case in fold.held_out} if same_folds else {}
            known = stored_digests(job, DIGESTS)
            for case in dict((job.load_result(SPLIT) or {}).get("cases") or {}):
                images = frozenset(known[case].images) - {""} if case in known else frozenset()
                name = case if names is None else names.get(case, "")
                found.append(EarlierCase(case, name, scored.get(case), images))
            spec = job.read_spec()
            kept_source = (job.load_result("report") or {}).get("kept") == BASELINE
            if kept_source or not spec.parent or not Path(spec.parent, "job.json").is_file():
                break
            if spec.parent_cases is not None:
                before = spec.parent_cases
                names = {was: (now if names is None else names.get(now, "")) for now, was in before.items()}
            elif (
                names is not None
            ):  # a numbered job of an earlier version, which did not note how cases were called before
                names = {}
            job = JobFolder(Path(spec.parent))
        return cls(parent.path, tuple(found))

    def folds(self, names: Collection[str], digests: Mapping[str, Digests]) -> dict[str, int]:
        """The fold that each case stays in; a new case has none.

        Args:
            names: The names of the annotated cases of now.
            digests: Those of all cases of now, by name, as far as they are known.

        Raises:
            InputError: Names and voxels contradict each other, so that a fold's model may have seen a case that it scores.
        """
        found = {name: self._find(name, digests) for name in [*names, *(set(digests) - {*names})]}
        for name in names:
            self._refuse_contradiction(name, found[name], digests)
            self._refuse_shuffled(name, found, digests)
        return {name: one.fold for name in names if (one := found[name]) is not None and one.fold is not None}

    def images(self, name: str, digests: Mapping[str, Digests]) -> frozenset[str]:
        """The digests of a case's images, those that it had in an earlier job among them."""
        own, found = _known(name, digests), self._find(name, digests)
        if found is None:
            return own
        return own.union(found.images, *(one.images for one in self.cases if found.name and one.name == found.name))

    def with_other_voxels(self, names: Collection[str], digests: Mapping[str, Digests]) -> list[str]:
        """The cases that have the name of an earlier one, count as it, and have other voxels."""
        changed = []
        for name in names:
            own, found = _known(name, digests), self._find(name, digests)
            if found is not None and found.name == name and own and found.images and own != found.images:
                changed.append(name)
        return changed

    def _find(self, name: str, digests: Mapping[str, Digests]) -> EarlierCase | None:
        """Which earlier case a case is: that of its name, unless its voxels are those of another one."""
        own = _known(name, digests)
        by_name = [one for one in self.cases if one.name == name]
        by_voxels = [one for one in self.cases if one.images & own]
        if by_voxels and not any(one.name == name for one in by_voxels):
            return _first_scored(by_voxels)
        return _first_scored(by_name) if by_name else None

    def _refuse_contradiction(self, name: str, found: EarlierCase | None, digests: Mapping[str, Digests]) -> None:
        """Refuse a case that is one by its name, and of another fold by some of its images but not by all."""
        by_name = [one for one in self.cases if one.name == name]
        if found is None or found.name == name or not by_name:
            return
        if _first_scored(by_name).fold != found.fold and not _known(name, digests) <= found.images:
            raise InputError(
                "parent-case-contradicts",
                "{path}: case `{case}` has its name in that job and some images of another case there, `{other}`, so it "
                "cannot be told which fold's model has seen it; put its images right, or leave {option} out.",
                path=self.path,
                case=name,
                other=found.name or found.called,
                option="--parent",
            )

    def _refuse_shuffled(
        self, name: str, found: Mapping[str, EarlierCase | None], digests: Mapping[str, Digests]
    ) -> None:
        """Refuse a case with new voxels whose name another case had, while an earlier case of another fold is missing."""
        one, own = found[name], _known(name, digests)
        if one is None or one.name != name or not own or not one.images or own & one.images:
            return
        other = next((case for case in found if case != name and _known(case, digests) & one.images), None)
        if other is None:
            return
        there = [case for case in found.values() if case is not None]
        missing = [
            case.name or case.called
            for case in self.cases
            if case.fold not in (None, one.fold) and not any(_is_same(case, known) for known in there)
        ]
        if missing:
            raise InputError(
                "parent-case-unsure",
                "{path}: case `{case}` has other voxels than in that job, whose image of that name is now case `{other}`, "
                "and {missing:…`} of that job {missing:~is|are} missing, so it cannot be told which fold's model has seen "
                "`{case}`; give the cases the names that they had, or leave {option} out.",
                path=self.path,
                case=name,
                other=other,
                missing=list(dict.fromkeys(missing)),
                option="--parent",
            )


def _known(name: str, digests: Mapping[str, Digests]) -> frozenset[str]:
    return frozenset(digests[name].images) - {""} if name in digests else frozenset()


def _first_scored(cases: list[EarlierCase]) -> EarlierCase:
    """The newest that a fold has scored; the newest where none has."""
    return next((one for one in cases if one.fold is not None), cases[0])


def _is_same(one: EarlierCase, other: EarlierCase) -> bool:
    return bool(one.images & other.images) or (bool(one.name) and one.name == other.name)
