"""Segmenting volumes of the scene, or images in a folder, with a model: the library does it in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from TransferSegGui.exporting import Exporter, job_name
from TransferSegGui.processes import Command, problem_in, progress_in, remove_files
from TransferSegGui.sequences import Shown, as_shown
from TransferSegGui.targets import TargetCase
from TransferSegGui.turns import Turns
from TransferSegGui.words import problem_text, with_case_names
from TransferSegLib.cases.grouping import grouped
from TransferSegLib.core.problems import Problem

# Takes what was segmented into the scene, one with each step. It is given the volume of each file as it was exported, by the
# file's name without its ending, the folder of the files, and what the model said of images that it could not segment.
Take = Callable[[Mapping[str, Shown], Path, str], Iterator[None]]


@dataclass(frozen=True)
class Shows:
    """Where it is seen how segmenting goes.

    Attributes:
        say: Shows a text.
        progress: Shows how much is done, 0…1; None where only that something is being done is known.
        changed: Called whenever it begins to work, goes on to another part of the work, or ends.
    """

    say: Callable[[str], None]
    progress: Callable[[float | None], None]
    changed: Callable[[], None]


class Segmenting:
    """Segments with a model in the background, one work at a time.

    Attributes:
        command: The library at work; None where it is not.
        exchange: Brings images from the scene to files, and segmentations back.
    """

    def __init__(self, fresh_folder: Callable[[str], Path], shows: Shows) -> None:
        """Make one that waits.

        Args:
            fresh_folder: The path of a new temporary folder.
            shows: Where it is seen how it goes.
        """
        self.command: Command | None = None
        self.exchange = Turns()
        self._fresh_folder, self._shows = fresh_folder, shows
        self._files: Path | None = None  # the folder of what goes between the scene and the model

    @property
    def works(self) -> bool:
        """Whether something is being segmented."""
        return self.command is not None or self.exchange.under_way

    def volumes(
        self, volumes: Sequence[tuple[slicer.vtkMRMLVolumeNode, ...]], model: Sequence[str], take: Take
    ) -> None:
        """Segment volumes of the scene.

        Args:
            volumes: For each case the volume of each channel.
            model: The flags of `segment` that name the model and say how it segments.
            take: Takes the segmentations into the scene.
        """
        self.exchange.begin(
            self._export(volumes, model, take), _("The model could not be applied."), ended=self._exported
        )
        self._shows.say(_("Preparing the images…"))
        self._shows.progress(None)
        self._shows.changed()

    def files(
        self,
        images: Sequence[str],
        model: Sequence[str],
        out: Path,
        done: Callable[[list[str], str], None],
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Segment images that are files.

        Args:
            images: Files and folders.
            model: The flags of `segment` that name the model and say how it segments.
            out: Where the segmentations go.
            done: Called with the written files and what was found to say, in words.
            names: Name of each numbered case → the panel's; None where the files are the person's own.
        """

        def words(problem: Problem) -> str:
            return problem_text(with_case_names(problem, names) if names else problem)

        def ended(code: int, output: str, errors: str) -> None:
            self.command = None
            self._shows.changed()
            if code not in (0, 1):
                self._remove_files()
                self._shows.say(words(problem_in(errors)))
                return
            found = json.loads(output)
            of_model = map(Problem.from_json, found["of_model"])
            findings = [*of_model, *grouped(map(Problem.from_json, found["findings"]))]
            done(found["written"], "\n".join(map(words, findings)))

        def said(line: str) -> None:
            if told := progress_in(line):
                fraction, problem = told
                self._shows.progress(fraction if problem.fields.get("count", 1) > 1 else None)
                self._shows.say(words(problem))

        self.command = Command(["segment", *model, "--images", *images, "--out", str(out), "--json"], ended, said)
        self._shows.say(_("Segmenting…"))
        self._shows.progress(None)
        self._shows.changed()

    def stop(self) -> None:
        """Stop; what is in the scene or in the person's folder already stays."""
        self.exchange.stop()
        if self.command is not None:
            # What is there belongs to the command until it has ended.
            self.command.stop(partial(remove_files, self._files))
            self._files = self.command = None

    def _export(
        self, volumes: Sequence[tuple[slicer.vtkMRMLVolumeNode, ...]], model: Sequence[str], take: Take
    ) -> Iterator[None]:
        folder = self._files = self._fresh_folder("apply")
        cases = [TargetCase(images, None, "unlabelled", key=str(n)) for n, images in enumerate(volumes, start=1)]
        data = yield from Exporter(folder / "volumes").write_in_steps(folder / "images", cases)
        asked = {job_name(n): as_shown(images[0]) for n, images in enumerate(volumes)}

        def done(_files: list[str], problems: str) -> None:
            self._shows.progress(None)
            message = _("The segmentations could not be loaded.")
            self.exchange.begin(take(asked, folder / "out", problems), message, ended=self._taken)
            self._shows.changed()

        names = {case: shown.name for case, shown in asked.items()}
        self.files([str(data.parent / "images")], model, folder / "out", done, names)

    def _exported(self) -> None:
        """The images are exported, or could not be, or are not to be."""
        if self.command is None:
            self._remove_files()
            self._shows.say("")
        self._shows.changed()

    def _taken(self) -> None:
        """The segmentations are in the scene, or are not to be."""
        self._remove_files()
        self._shows.changed()

    def _remove_files(self) -> None:
        remove_files(self._files)
        self._files = None
