"""Which case to annotate next: the library ranks the scans that nobody has annotated, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _

from TransferSegGui.exporting import Exporter, job_name
from TransferSegGui.models_now import ModelNow, regions_now, styles_of
from TransferSegGui.processes import Command, problem_in, progress_in, remove_files
from TransferSegGui.regions import with_values
from TransferSegGui.segmentations import Style
from TransferSegGui.segmenting import Shows
from TransferSegGui.targets import TargetCase
from TransferSegGui.turns import Turns
from TransferSegGui.words import error_text, problem_text, with_case_names
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import Region

# How many cases are ranked, and segmented, at once.
COUNT = 3


@dataclass(frozen=True)
class RankedCase:
    """A case to annotate.

    Attributes:
        key: Its key in the table.
        reason: Why it is there, in words.
        prediction: The file with the prediction to correct, in the values of `Ranking.styles`; None where the model does not
            segment all labels of the annotated cases.
    """

    key: str
    reason: str
    prediction: Path | None


class Ranking:
    """Ranks cases in the background.

    Attributes:
        cases: What was found, the first to annotate first. Their predictions stay until the next ranking or `forget`.
        model: The model that made the predictions.
        styles: The look of each value of the predictions. Annotations that come later number the labels anew.
        regions: The regions that these values are; none where each voxel has one label.
    """

    def __init__(self, exporter: Callable[[], Exporter], fresh_folder: Callable[[str], Path], shows: Shows) -> None:
        """Make one that waits.

        Args:
            exporter: Writes cases to files.
            fresh_folder: The path of a new temporary folder.
            shows: Where it is seen how it goes.
        """
        self.cases: list[RankedCase] = []
        self.model: ModelNow | None = None
        self.styles: dict[int, Style] = {}
        self.regions: tuple[Region, ...] = ()
        self._exporter, self._fresh_folder, self._shows = exporter, fresh_folder, shows
        self._exporting = Turns()
        self._files: Path | None = None
        self._command: Command | None = None
        self._told = False  # whether it was said that no case can be read

    @property
    def works(self) -> bool:
        """Whether cases are being ranked."""
        return self._command is not None or self._exporting.under_way

    def begin(
        self,
        model: ModelNow,
        cases: Sequence[TargetCase],
        device: str,
        label_map: Mapping[str, Any],
        done: Callable[[str], None],
        quick: bool = False,
    ) -> None:
        """Rank the cases that are not annotated.

        Args:
            model: The model by now.
            cases: The annotated cases and those to rank.
            device: What the model runs on.
            label_map: What the person has changed of the match of labels.
            done: Called at the end, with what there is to say beside the ranked cases.
            quick: Whether the first network of an ensemble is asked alone.
        """
        self.forget()
        self.model, self._told = model, False
        self._exporting.begin(
            self._export(model, cases, device, label_map, done, quick),
            _("The next case could not be found."),
            ended=self._exported,
        )
        self._shows.say(_("Preparing the images…"))
        self._shows.progress(None)
        self._shows.changed()

    def stop(self) -> None:
        """Stop; what was ranked before is forgotten."""
        self._exporting.stop()
        if self._command is not None:
            self._command.stop(partial(remove_files, self._files))  # what is there belongs to the command until then
            self._command = self._files = None

    def forget(self) -> None:
        """Stop, and forget what was ranked."""
        self.stop()
        self.cases, self.model, self.styles, self.regions = [], None, {}, ()
        remove_files(self._files)
        self._files = None

    def _exported(self) -> None:
        if self._command is None and not self._told:
            self._shows.say("")
        self._shows.changed()

    def _export(
        self,
        model: ModelNow,
        cases: Sequence[TargetCase],
        device: str,
        label_map: Mapping[str, Any],
        done: Callable[[str], None],
        quick: bool,
    ) -> Iterator[None]:
        self.styles = styles_of(cases, model.card)
        values = {style.name: value for value, style in self.styles.items()}
        self.regions = with_values(regions_now(cases, model.card), values)
        folder = self._files = self._fresh_folder("next")
        exporter, unread = self._exporter(), []
        for case in [case for case in cases if case.segmentation is None]:
            try:
                yield from exporter.export_in_steps(case, {}, ())
            except InputError as error:
                unread.append((case, left_out(case, error)))
        gone = {case.key for case, _said in unread}
        cases = [case for case in cases if case.key not in gone]
        if all(case.segmentation is not None for case in cases):
            self._shows.say("\n".join(said for _case, said in unread))
            self._told = True
            return
        data = yield from exporter.write_in_steps(folder / "cases", cases)
        keys = {job_name(n): case.key for n, case in enumerate(cases)}
        names = {job_name(n): case.name for n, case in enumerate(cases)}
        arguments = ["rank", "--source", str(model.source.folder), "--target", str(data), "--out", str(folder / "out")]
        arguments += ["--count", str(COUNT), "--device", device, "--json"]
        if model.job is not None:
            arguments += ["--parent", str(model.job)]
        if quick:
            arguments += ["--ensemble", "none"]
        if label_map:
            with replacing(folder / "label-map.json") as temporary:
                temporary.write_text(json.dumps(dict(label_map)), encoding="utf-8")
            arguments += ["--label-map", str(folder / "label-map.json")]

        def words(problem: Problem) -> str:
            return problem_text(with_case_names(problem, names))

        def ended(code: int, output: str, errors: str) -> None:
            self._command = None
            self._shows.changed()
            if code not in (0, 1):
                self._shows.say(words(problem_in(errors)))
                return
            found = json.loads(output)
            self.cases = [
                RankedCase(
                    keys[one["case"]],
                    words(Problem.from_json(one["problem"])),
                    Path(one["prediction"]) if one["prediction"] else None,
                )
                for one in found["cases"]
            ]
            findings = [words(Problem.from_json(one)) for one in (*found["of_model"], *found["findings"])]
            done("\n".join([*(said for _case, said in unread), *findings]))

        def said(line: str) -> None:
            if told := progress_in(line):
                self._shows.progress(told[0])
                self._shows.say(words(told[1]))

        self._command = Command(arguments, ended, said)


def left_out(case: TargetCase, error: InputError) -> str:
    """Why a case whose image cannot be read is not asked for, in a sentence."""
    return _("“{case}” was left out: {reason}").format(case=case.name, reason=error_text(error))
