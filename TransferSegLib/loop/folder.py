"""The folder of a loop, and `loop.json`: where it began, what was annotated and how.

The folder may come from elsewhere: nothing in it is executed, what `loop.json` says is checked, and nothing is written
through a link. The rounds are the job folders in it, so what they found stands in them alone.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.cases.label_list import LABELS_FILE
from TransferSegLib.cases.readers import cases_from_images, read_case_set
from TransferSegLib.cases.readers.parts import LabelList, named_labels
from TransferSegLib.cases.volumes import suffix_of
from TransferSegLib.core.case_set import AnnotatedSlices, Case
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import replacing, retry_while_held
from TransferSegLib.core.records import RecordError, from_json, read_json, to_json
from TransferSegLib.core.texts import one_line
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.locking import take_lock
from TransferSegLib.jobs.spec import JOB_FILE
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import SourceFolder, file_sha256

LOOP_FILE = "loop.json"
LOOP_FORMAT = 1
# So many cases are drawn at random and annotated without a prediction in sight: the rounds are compared on them.
SHARED_CASES = 3

_SHA256 = re.compile("[0-9a-f]{64}")
_FOLDERS = ("labels", "replaced", "to-correct", "predictions", "looks")
_ROUND = re.compile("round-([0-9]{1,4})")
Origin = Literal["drawn", "prediction", "target"]


@dataclass(frozen=True)
class Began:
    """The prediction that an annotation began as.

    Attributes:
        model_sha256: The SHA-256 of the weights of the model that made it.
        dice: The mean Dice of the annotation to it over the labels; None where neither has a label.
        changed_ml: How much the person has changed, in mL.
    """

    model_sha256: str
    dice: float | None
    changed_ml: float


@dataclass(frozen=True)
class Annotation:
    """A segmentation that the person has accepted.

    Attributes:
        case: The name of its case.
        label: The name of its file in `labels`.
        sha256: The SHA-256 of the file.
        origin: `drawn` by the person, without a prediction in sight; begun as a `prediction`; or it came with the `target`.
        began: The prediction that it began as; None for others.
        role: What its case is for: rounds train on `train` alone, `validation` and `test` stay what the target calls them.
        not_annotated: The values of labels that nobody annotated in it.
        annotated_slices: The slices that are annotated; None for all.
    """

    case: str
    label: str
    sha256: str
    origin: Origin
    began: Began | None = None
    role: Literal["train", "validation", "test"] = "train"
    not_annotated: tuple[int, ...] = ()
    annotated_slices: AnnotatedSlices | None = None

    def __post_init__(self) -> None:
        Case(self.case, (), None)  # refuses what cannot be the name of a file
        plain = Path(self.label).name == self.label and suffix_of(Path(self.label)) is not None
        if not plain or "\0" in self.label or not _SHA256.fullmatch(self.sha256):
            raise InputError(
                "loop-annotation",
                "the annotation of case `{case}` names no file in `labels` with its digest; correct it.",
                case=self.case,
            )


@dataclass(frozen=True)
class Loop:
    """What a loop began with and what was annotated, as `loop.json` has it.

    Attributes:
        format: `LOOP_FORMAT`.
        source: Absolute path of the source model's folder.
        source_sha256: The SHA-256 of its weights.
        images: Absolute path of the folder with the scans.
        target: Absolute path of a data set with cases that are annotated already; None for none.
        seed: Decides which cases are drawn, and the seed of the rounds.
        shared: The cases that were drawn at random when the loop began.
        annotations: What was accepted, in that order; a case has one.
        began_in: The name of each round → the cases that began as predictions when it began.
        flagged: Case that was put aside → why; it is not asked for.
        label_map: Label of the loop → label of the source model, a list of them, "new", or None to leave it out, as a job has
            it; None where names tell.
    """

    format: int
    source: str
    source_sha256: str
    images: str
    target: str | None
    seed: int
    shared: tuple[str, ...]
    annotations: tuple[Annotation, ...] = ()
    began_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    label_map: Mapping[str, Any] | None = field(default=None, hash=False)
    flagged: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.format != LOOP_FORMAT:
            raise InputError(
                "loop-format",
                "field `format`: {found} is not {known}, the newest known; update TransferSeg.",
                found=self.format,
                known=LOOP_FORMAT,
            )
        for name, path in (("source", self.source), ("images", self.images), ("target", self.target)):
            if path is not None and ("\0" in path or not Path(path).is_absolute()):
                raise InputError(
                    "loop-path",
                    "field `{field}`: `{path}` is not an absolute path; give the whole path.",
                    field=name,
                    path=path,
                )
        names = [one.case for one in self.annotations]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError(
                "loop-case-twice", "field `annotations`: case `{case}` is there twice; correct it.", case=twice
            )

    @property
    def by_case(self) -> dict[str, Annotation]:
        """Case name → its annotation."""
        return {one.case: one for one in self.annotations}

    @property
    def began(self) -> tuple[str, ...]:
        """The cases whose annotation began as a prediction."""
        return tuple(one.case for one in self.annotations if one.origin == "prediction")

    @property
    def shared_left(self) -> list[str]:
        """The cases that were drawn and are not annotated yet."""
        return [name for name in self.shared if name not in self.by_case]


class LoopFolder:
    """The paths of a loop, and the ways to read and change it. Making one touches nothing on disk.

    Attributes:
        path: The folder; the others are the files and folders in it that docs/loop.md lists.
    """

    def __init__(self, path: Path) -> None:
        """The loop in the folder `path`, which need not be there yet."""
        self.path = Path(path).resolve()  # one spelling, by which the tables of the rounds name the segmentations
        self._holds_lock = False
        self.loop_json = self.path / LOOP_FILE
        self.labels_json = self.path / LABELS_FILE
        self.labels, self.replaced, self.to_correct, self.predictions, self.looks = (
            self.path / name for name in _FOLDERS
        )
        self.progress_png = self.path / "progress.png"
        self.report = self.path / "report.html"
        self.unread_json = self.path / "unread.json"

    def command(self, part: str) -> str:
        """A part of `transferseg loop` on this loop, as a person types it."""
        return f"transferseg loop {part} {shlex.quote(str(self.path))}"

    def read(self) -> Loop:
        """The checked `loop.json`.

        Raises:
            InputError: It is not there or cannot be used, or a folder in it is a link.
        """
        if not self.loop_json.is_file():
            raise InputError(
                "not-a-loop",
                "{path}: not the folder of a loop (it has no {file}); check the path, or begin one by `{command}`.",
                path=self.path,
                file=LOOP_FILE,
                command="transferseg loop init",
            )
        for name in (*_FOLDERS, *(job.path.name for job in self.rounds())):
            if (self.path / name).is_symlink():
                raise InputError(
                    "link-in-loop",
                    "{path}: is a link, and a loop would write through it; put the folder itself there.",
                    path=self.path / name,
                )
        try:
            return from_json(Loop, read_json(self.loop_json), str(self.loop_json))
        except RecordError:  # which names the file
            raise
        except InputError as error:
            raise InputError("loop-file", "{path}: {reason}.", path=self.loop_json, reason=error) from None

    def write(self, path: Path, text: str) -> None:
        """Write a file of the loop, whole or not at all.

        Args:
            path: The file; its folder is made if need be.
            text: Its new content.

        Raises:
            JobError: The disk refuses it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
        except OSError as error:
            raise not_written(path, error) from error

    def change(self, change: Callable[[Loop], Loop]) -> Loop:
        """Change `loop.json`, while no other command does.

        Args:
            change: Makes the new content of what is there now.

        Raises:
            InputError: `loop.json` cannot be used, or another command changes it for long.
            JobError: The disk refuses it.
        """
        with self.locked():
            changed = change(self._with_all_began(self.read()))
            self.write(self.loop_json, json.dumps(to_json(changed), indent=2, ensure_ascii=False) + "\n")
        return changed

    def _with_all_began(self, loop: Loop) -> Loop:
        """The loop with what rounds of older versions did not note: the cases that began as predictions, as far as known."""
        return replace(loop, began_in={**{job.path.name: loop.began for job in self.rounds()}, **loop.began_in})

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands from changing the loop; within it, `change` and `locked` change nothing in that.

        Raises:
            InputError: Another command changes it for long.
            JobError: The disk refuses it.
        """
        if self._holds_lock:
            yield
            return
        try:
            descriptor = take_lock(self.path / ".lock")
        except OSError as error:
            raise not_written(self.path / ".lock", error) from error
        if descriptor is None:
            raise InputError(
                "loop-in-use", "{path}: another command changes this loop; try again when it has ended.", path=self.path
            )
        self._holds_lock = True
        try:
            yield
        finally:
            self._holds_lock = False
            os.close(descriptor)

    def label_names(self) -> dict[int, str]:
        """Value → name of the labels that are annotated, as `labels.json` has them.

        Raises:
            InputError: It is not there, or no list of labels.
        """
        return dict(self.label_list().names or {})

    def label_list(self) -> LabelList:
        """The labels that are annotated, and the regions that they are, as `labels.json` has them.

        Raises:
            InputError: It is not there, or no list of labels.
        """
        found = named_labels(self.path)
        if not found.names:
            raise InputError(
                "loop-without-labels",
                "{path}: is not there or empty; write there what the values of your segmentations are called, like "
                '{{"1": "liver"}}.',
                path=self.labels_json,
            )
        return found

    def source(self, loop: Loop) -> SourceFolder:
        """The source model that the loop began with.

        Raises:
            InputError: It is not there any more, or is another one.
        """
        source = find_source(loop.source)
        if str(source.card.weights_sha256) != loop.source_sha256:
            raise InputError(
                "loop-source-changed",
                "{path}: has other weights than when the loop began; put them back, or begin a new loop.",
                path=source.folder,
            )
        return source

    def cases(self, loop: Loop, channels: int) -> dict[str, Case]:
        """Name → case, for the scans and the cases that came annotated, without labels.

        Args:
            loop: The loop.
            channels: How many images the source model takes.

        Raises:
            InputError: The folder of the scans or the data set cannot be read.
        """
        came = annotated_cases(Path(loop.target)) if loop.target is not None else []
        scans = cases_from_images([Path(loop.images)], channels)
        return {case.name: replace(case, label=None, role="unlabelled") for case in (*scans, *came)}

    def label(self, annotation: Annotation) -> Path:
        """The file of an annotation.

        Raises:
            InputError: It is not there, or is another one than was accepted.
        """
        path = self.labels / annotation.label
        if not path.is_file() or file_sha256(path) != annotation.sha256:
            raise InputError(
                "loop-label-changed",
                "{path}: is not the segmentation that was accepted for case `{case}`; put it back, or accept the new one by "
                "`{command}`.",
                path=path,
                case=annotation.case,
                command=f"{self.command('accept')} {shlex.quote(annotation.case)} --label FILE",
            )
        return path

    def write_table(self, path: Path, cases: Sequence[Case], annotations: Mapping[str, Annotation]) -> None:
        """Write a table of cases that a job or a reader takes.

        Args:
            path: The file, in the loop's folder.
            cases: The cases.
            annotations: Case name → its annotation; cases that are not there have none.

        Raises:
            InputError: A segmentation is not the one that was accepted.
            JobError: The disk refuses it.
        """
        channels = max(len(case.images) for case in cases)
        images = ["image", *(f"image{n}" for n in range(2, channels + 1))]
        rows = [["case", *images, "label", "role", "not_annotated", "annotated_slices"]]
        for case in cases:
            row = [case.name, *(str(image.absolute()) for image in case.images)]
            one = annotations.get(case.name)
            if one is None:
                rows.append([*row, "", "unlabelled", "", ""])
            else:
                slices = "" if one.annotated_slices is None else one.annotated_slices.text
                rows.append([*row, str(self.label(one)), one.role, ";".join(map(str, one.not_annotated)), slices])
        self.write(path, _csv(rows))

    def labels_of_round(self, job: JobFolder) -> set[str]:
        """The names of the files in `labels` that a round was given."""
        cells = [cell for row in _rows(job.path.with_suffix(".csv")) for cell in row]
        return {name for cell in cells if (name := self._name_in_labels(cell)) is not None}

    def _name_in_labels(self, cell: str) -> str | None:
        """The name of the file in `labels` that a cell of a round's table names in any spelling; None for other cells."""
        path = Path(cell)
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # no path of this computer
            if path.is_absolute() and path.parent.resolve() == self.labels:
                return path.name
        return None

    def put_aside(self, name: str) -> None:
        """Move a segmentation that was accepted before from `labels` to `replaced`, where rounds that had it find it.

        The file is copied, the tables of the rounds name the copy, and only then the file goes. Wherever a kill stops this,
        each table names a file that is there and is the right one, and doing it again ends it. It is called while the loop
        is `locked`.

        Args:
            name: The name of its file in `labels`.

        Raises:
            JobError: The disk refuses it.
        """
        import shutil

        old = self.labels / name
        if not old.is_file():
            return
        ending, sha256 = suffix_of(old) or "", file_sha256(old)
        stem, new, number = name.removesuffix(ending), self.replaced / name, 2
        while new.exists() and not (new.is_file() and file_sha256(new) == sha256):
            new, number = self.replaced / f"{stem}.{number}{ending}", number + 1
        if not new.exists():
            try:
                self.replaced.mkdir(parents=True, exist_ok=True)
                with replacing(new) as temporary:
                    shutil.copyfile(old, temporary)
            except OSError as error:
                raise not_written(new, error) from error
        for job in self.rounds():
            if name in self.labels_of_round(job):
                table = job.path.with_suffix(".csv")
                rows = [
                    [str(new) if self._name_in_labels(cell) == name else cell for cell in row] for row in _rows(table)
                ]
                self.write(table, _csv(rows))
        with contextlib.suppress(OSError):  # No table names it any more, so that it does no harm.
            retry_while_held(lambda: old.unlink(missing_ok=True))

    def unread(self) -> dict[str, str]:
        """Case whose scan could not be read when it was last looked at → why, in a sentence."""
        try:
            found = read_json(self.unread_json) if self.unread_json.is_file() else {}
        except InputError:  # `next` writes it anew
            found = {}
        items = found.items() if isinstance(found, dict) else ()
        return {name: one_line(why) for name, why in items if isinstance(why, str)}

    def remember_unread(self, looked: Collection[str], unread: Mapping[str, str]) -> None:
        """Remember which scans could not be read.

        Args:
            looked: The names of all cases that were looked at now.
            unread: Name of each of them that could not be read → why.

        Raises:
            JobError: The disk refuses it.
        """
        before = self.unread()
        now = {**{name: why for name, why in before.items() if name not in looked}, **unread}
        if now != before:
            self.write(self.unread_json, json.dumps(now, indent=2, ensure_ascii=False) + "\n")

    def rounds(self) -> list[JobFolder]:
        """The jobs of the rounds, in their order."""
        found = {}
        with contextlib.suppress(OSError):
            for entry in self.path.iterdir():
                number = _ROUND.fullmatch(entry.name)
                if number and (entry / JOB_FILE).is_file():
                    found[int(number[1])] = JobFolder(entry)
        return [found[number] for number in sorted(found)]

    def finished_rounds(self) -> list[JobFolder]:
        """The jobs of the rounds that have their scores."""
        return [job for job in self.rounds() if job.load_result("report") is not None and job.scores_json.is_file()]


def annotated_cases(target: Path) -> list[Case]:
    """The annotated cases of a data set."""
    return [case for case in read_case_set(target).cases if case.label is not None]


def keep_label(
    folder: LoopFolder,
    case: str,
    label: Path,
    origin: Origin,
    in_use: Collection[str] = (),
) -> Annotation:
    """Copy an accepted segmentation into the loop as it is.

    Args:
        folder: The loop's folder.
        case: The name of the case.
        label: The segmentation.
        origin: How it was made.
        in_use: The names of files in `labels` that stay as they are.

    Raises:
        JobError: The disk refuses it.
    """
    import shutil

    ending = suffix_of(label) or ".nii.gz"
    sha256 = file_sha256(label)
    name = f"{case}{ending}"
    number = 2
    while name in in_use:
        name = f"{case}.{number}{ending}"
        number += 1
    try:
        folder.labels.mkdir(parents=True, exist_ok=True)
        with replacing(folder.labels / name) as temporary:
            shutil.copyfile(label, temporary)
    except OSError as error:
        raise not_written(folder.labels / name, error) from error
    return Annotation(case, name, sha256, origin)


def _rows(table: Path) -> list[list[str]]:
    """The rows of a round's table of cases; none where there is no such table."""
    try:
        return list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"))))
    except (OSError, ValueError, csv.Error):
        return []


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def not_written(path: Path, error: OSError) -> JobError:
    """The error of a file of a loop that the disk refused."""
    return JobError(
        "loop-not-written",
        "{path}: cannot be written ({reason}); make room or the folder writable, and try again.",
        path=path,
        reason=error.strerror or str(error),
    )
