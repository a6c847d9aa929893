"""The last step, and below the cases: what the model finds is corrected in the Segment Editor, and becomes an annotation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui import corrections
from TransferSegGui.dependencies import packages_of
from TransferSegGui.drawn_cases import SHARED_CASES, DrawnCases
from TransferSegGui.efforts import QUICK, EffortShown, effort_of_ranking, effort_of_segmenting
from TransferSegGui.exporting import described, regions_of
from TransferSegGui.models_now import ModelNow, card_now, in_own_labels, lacks, model_now, regions_now, styles_of
from TransferSegGui.parameters import label_map
from TransferSegGui.predictions import add_prediction
from TransferSegGui.ranking import RankedCase, Ranking, left_out
from TransferSegGui.regions import declare, declared, with_values
from TransferSegGui.section import Section, cell, enable, failing, quiet, say
from TransferSegGui.segment_editor import Clicks, CorrectionBar
from TransferSegGui.segment_exports import Exported, SegmentExports, add_menu, shown_of
from TransferSegGui.segmentations import segment_names
from TransferSegGui.segmenting import Segmenting, Shows
from TransferSegGui.sequences import Shown, as_shown
from TransferSegGui.targets import TargetCase, TargetCases
from TransferSegGui.volumes import add_volume
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.errors import InputError

# Of the table of ranked cases, in pixels.
HEIGHT_OF_RANKED = 170


class CorrectSection(Section):
    """Segments cases with the model by now, says which to annotate next, and takes what the person has corrected.

    Attributes:
        segmenting: Segments cases that were asked for.
        ranking: Says which cases to annotate next.
        bar: The bar in the Segment Editor.
        exports: What is taken from the segmentations of the selected cases, by the `menu` of the button «Export».
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        shows = Shows(self._say, self._show_progress, self._enable)
        self.segmenting = Segmenting(self.logic.fresh_folder, shows)
        self.ranking = Ranking(lambda: self.logic.exporter, self.logic.fresh_folder, shows)
        self.bar = CorrectionBar(Clicks(self.accept, self.flag, self.go_on, self.back, self.cancel))
        self._open = ""  # the key of the case that is open in the Segment Editor,
        self._opened: slicer.vtkMRMLSegmentationNode | None = None  # and what is open there
        self._ranked_for: object = None  # what the ranking depends on, as it was when it began
        ui = self.ui
        self._segmenting_effort = EffortShown(
            ui.correctEffortLabel, ui.correctQuickCheckBox, lambda: self.module.parameters
        )
        self._ranking_effort = EffortShown(ui.nextEffortLabel, ui.nextQuickCheckBox, lambda: self.module.parameters)
        ui.segmentCaseButton.connect("clicked(bool)", self.segment)
        ui.correctCaseButton.connect("clicked(bool)", self.correct)
        self.exports = SegmentExports(
            Exported(self._drawn_of_selected, self._shown_of_selected, _nothing_drawn, self._say)
        )
        self.menu = add_menu(ui.exportCaseButton, self.exports.entries())
        ui.nextCaseButton.connect("clicked(bool)", self.next_case)
        for button in (ui.cancelNextButton, ui.cancelCorrectButton):
            button.connect("clicked(bool)", self.cancel)
        for signal in ("cellClicked(int,int)", "cellActivated(int,int)"):
            ui.nextTable.connect(signal, lambda row, _column: self._open_ranked(row))
        header = ui.nextTable.horizontalHeader()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, qt.QHeaderView.ResizeToContents)
        header.connect("sectionResized(int,int,int)", lambda *_sizes: self._fit())
        self._say("")

    def refresh(self) -> None:
        """Enable what can be clicked, and forget a ranking that is of another model or of other labels."""
        self._forget_stale()
        self._enable()

    def forget(self) -> None:
        """The scene closes: what is under way ends with it."""
        self.cleanup()
        self.ranking.forget()
        self._open, self._opened = "", None
        self.bar.close()
        self._list()
        self._say("")
        self._enable()

    def cleanup(self) -> None:
        """Stop what is under way."""
        self.segmenting.stop()
        self.ranking.stop()

    def close(self) -> None:
        """Take the bar out of the Segment Editor: the panel is about to go."""
        self.bar.remove()

    def forget_ranking(self) -> None:
        """Another model is there, for which other cases are next."""
        self.ranking.forget()
        self._list()

    def _forget_stale(self) -> bool:
        """Forget a ranking that is of another source model, another match of labels or other labels; whether it was."""
        of_now = self._depends_on()
        if of_now is None or of_now == self._ranked_for:
            return False
        interrupted = self.ranking.works
        self.forget_ranking()
        if interrupted:
            self._say(_("The model or the labels have changed; press “Next case” again."))
        return True

    def _depends_on(self) -> object:
        """What a ranking depends on beside the job that is shown; None where nothing is ranked."""
        model = self.ranking.model
        if model is None or not self.has_parameters:
            return None
        names = tuple(described(self._cases()).labels.values()) or model.card.label_names
        return self.parameters.source, self.parameters.labelMap, frozenset(names)

    def cancel(self) -> None:
        """Stop what is under way."""
        self.cleanup()
        self._say(_("Cancelled."))
        self._enable()

    # A prediction for a case

    def segment(self) -> None:
        """Segment the selected cases with the model by now; the drafts are corrected later."""
        with failing(_("The case could not be segmented.")):
            self._segment([case for case in self._selected() if _may_be_segmented(case)], open_first=False)

    def correct(self) -> None:
        """Open the first selected case in the Segment Editor; one without a segmentation is segmented first."""
        with failing(_("The case could not be opened.")):
            case = self._selected()[0]
            if case.segmentation is None and case.key not in corrections.drafts():
                self._segment([case], open_first=True)
            else:
                self._edit(case)

    def _segment(self, cases: Sequence[TargetCase], open_first: bool) -> None:
        now = model_now(self.module)
        if now is None or not self.module.ensure_packages(packages_of(now.card)):
            return
        cases = [self._in_scene(case) for case in cases]
        model = ["--model", str(now.folder), "--device", self.parameters.device]
        if now.card.inference.as_nnunet is not None and self.parameters.tryQuick:
            model += QUICK
        take = partial(self._take, now, cases, open_first)
        self.segmenting.volumes([case.images for case in cases], model, take)

    def _take(
        self,
        now: ModelNow,
        cases: Sequence[TargetCase],
        open_first: bool,
        asked: Mapping[str, Shown],
        folder: Path,
        problems: str,
    ) -> Iterator[None]:
        """Make drafts of segmentations; see `segmenting.Take`."""
        listed, count = self._cases(), 0
        kept: list[str] = []  # the cases that the person has worked on meanwhile
        wanted = self._label_map(listed)
        for case, (file, shown) in zip(cases, asked.items(), strict=True):
            path = folder / f"{file}.nii.gz"
            if not path.is_file() or shown.volume.GetScene() is None:
                continue
            by_now = TargetCases(self.logic.getParameterNode().parameterNode).get(case.key)
            if by_now is None:
                continue
            if not _may_be_segmented(by_now) or (case.key == self._open and self.bar.is_seen):
                kept.append(case.name)
                continue
            labels, styles, lacking = in_own_labels(read_labels(path), now.card, listed, wanted)
            regions = with_values(regions_now(listed, now.card), {style.name: n for n, style in styles.items()})
            mark = f"{corrections.DRAFT}/{case.key}"
            node = add_prediction(labels, styles, shown, now.card.title, mark, regions=regions)
            corrections.begin_with(case, node, now.card.name, str(now.card.weights_sha256))
            count += 1
            if lacking:
                problems = "\n".join(filter(None, (problems, lacks(now, lacking))))
            if open_first and count == 1 and self._is_waited_for:
                self._edit(case)
            yield
        done = _("One draft is in the scene; correct and accept it.") if count == 1 else ""
        if count > 1:
            done = _("{count} drafts are in the scene; correct and accept them.").format(count=count)
        if kept:
            said = _("You have worked on {cases} meanwhile; what the model found there is left out.")
            problems = "\n".join(filter(None, (problems, said.format(cases=", ".join(f"“{name}”" for name in kept)))))
        opened = open_first and self._open
        self._say("\n".join(filter(None, ("" if opened else done, problems))))

    # The next case

    def next_case(self) -> None:
        """Open the next case to annotate: one that was begun, one for all rounds to share, or the best by the ranking."""
        with failing(_("The next case could not be found.")):
            begun = [case for case in self._waiting() if corrections.is_begun(case.key)]
            if begun:
                self._edit(begun[0])
            else:
                self._go_on()

    def go_on(self) -> None:
        """Open the case after the one that is open."""
        with failing(_("The next case could not be found.")):
            self._go_on()

    def _go_on(self) -> None:
        now = model_now(self.module)
        if now is None or not self.module.ensure_packages(packages_of(now.card)):
            return
        self._forget_stale()
        left = [case for case in self._waiting() if case.key != self._open]
        fresh = {case.key for case in left if not corrections.is_begun(case.key)}
        if not left:
            raise InputError("no-case-left", "Every case is annotated or put aside; add volumes to the cases.")
        if now.job is None and self._edit_drawn(now):
            return
        for one in self.ranking.cases:
            if one.key in fresh:
                self._edit_ranked(one)
                return
        if not fresh:
            self._edit(left[0])
            return
        cases = self._cases()
        asked = [c for c in cases if c.role != "unlabelled" and c.segmentation is not None]
        asked += [case for case in cases if case.key in fresh]
        quick = now.card.inference.as_nnunet is not None and self.parameters.tryQuick
        self.ranking.begin(now, asked, self.parameters.device, self._label_map(cases), self._ranked, quick)
        self._ranked_for = self._depends_on()

    def _edit_drawn(self, now: ModelNow) -> bool:
        """Open the next case that is drawn at random, and draw another for each that cannot be read; whether there is one."""
        unread: dict[str, str] = {}
        while found := self._drawn.next([case for case in self._cases() if case.key not in unread], self._open):
            case, number = found
            try:
                case = self._in_scene(case)
            except InputError as error:
                self._drawn.take_off(case.key)
                unread[case.key] = left_out(case, error)
                continue
            why = _("Drawn at random, for all rounds to be compared on ({number} of {count}).")
            if case.key == self._open:
                why = _(
                    "It is the last of those that were drawn ({number} of {count}); draw it, or press Flag for another."
                )
            why = "\n".join([why.format(number=number, count=SHARED_CASES), *unread.values()])
            self._edit(case, now, why)
            return True
        return False

    @property
    def _drawn(self) -> DrawnCases:
        """The cases that are drawn at random, to be annotated without a prediction in sight."""
        return DrawnCases(self.parameters)

    def _ranked(self, problems: str) -> None:
        """The cases are ranked: the first is shown."""
        if self._forget_stale():
            self._say(_("The model or the labels have changed; press “Next case” again."))
            return
        self._list()
        self._say(problems)
        with failing(_("The next case could not be opened.")):
            if self.ranking.cases and self._is_waited_for:
                self._edit_ranked(self.ranking.cases[0])

    def _open_ranked(self, row: int) -> None:
        with failing(_("The case could not be opened.")):
            if self._works or self._forget_stale():
                return
            one = self.ranking.cases[row]
            if one.key != self._open or not self.bar.is_seen:  # a click may be said to be an activation, too
                self._edit_ranked(one)

    def _edit_ranked(self, one: RankedCase) -> None:
        case, now = TargetCases(self.parameters.parameterNode).get(one.key), self.ranking.model
        if case is None or now is None:
            raise InputError("ranked-case-gone", "This case is not in the list any more; press “Next case” again.")
        case = self._in_scene(case)
        if _may_be_segmented(case) and one.prediction is not None:
            labels, image = read_labels(one.prediction), as_shown(case.images[0])
            mark = f"{corrections.DRAFT}/{case.key}"
            styles, regions = self.ranking.styles, self.ranking.regions
            node = add_prediction(labels, styles, image, now.card.title, mark, regions=regions)
            corrections.begin_with(case, node, now.card.name, str(now.card.weights_sha256))
        self._edit(case, now, one.reason)

    # In the Segment Editor

    def _edit(self, case: TargetCase, now: ModelNow | None = None, reason: str = "") -> None:
        """Open a case in the Segment Editor: its draft, else its segmentation, else empty segments."""
        case = self._in_scene(case)
        node = corrections.drafts().get(case.key) or case.segmentation
        if node is None:
            now = now or model_now(self.module)
            if now is None:
                return
            cases = self._cases()
            node = corrections.begin_empty(case, styles_of(cases, now.card).values(), regions_now(cases, now.card))
        if not isinstance(node, slicer.vtkMRMLSegmentationNode):
            raise InputError(
                "segmentation-not-editable",
                "case `{name}`: its segmentation is a label map or a file, which the Segment Editor does not open; import it "
                "into a segmentation first.",
                name=case.name,
            )
        if case.segmentation is node:
            corrections.begin_correction(case, node)
        began = corrections.began_as(node)
        title = _("{case}: draw it without a prediction, then accept it.")
        if began is not None:
            title = _("{case}: correct what “{model}” found, then accept it.")
        elif case.segmentation is node:
            title = _("{case}: correct its annotation, then accept it.")
        self._open, self._opened = case.key, node
        title = title.format(case=case.name, model=began.model if began else "")
        self._allow_overlap(node, now)
        self.bar.open(node, case.images[0], title, overlap=bool(declared(node)))
        self.bar.say(reason)
        self._enable()

    def _allow_overlap(self, node: slicer.vtkMRMLSegmentationNode, now: ModelNow | None) -> None:
        """Take segments for regions where those of the other cases, or else the model's, have their names."""
        if declared(node):
            return
        try:
            now = now or model_now(self.module)
        except InputError:  # which nobody needs to correct what is there
            now = None
        cases = self._cases()
        named = regions_of(cases) if now is None else regions_now(cases, now.card)
        if named and set(named) <= set(segment_names(node)):
            declare(node, named)

    def accept(self) -> None:
        """Make the draft that is open the annotation of its case."""
        with failing(_("The segmentation could not be accepted.")):
            cases = TargetCases(self.logic.getParameterNode().parameterNode)
            case = cases.get(self._open)
            node = self._opened
            if case is None or node is None or node.GetScene() is None:
                raise InputError(
                    "open-case-gone",
                    "The case that was open, or its segmentation, is not there any more; go back and open another.",
                )
            sampled = corrections.sample(case, node)
            empty = corrections.words_of_empty(sampled)
            question = _("Accept “{case}”? {empty} If it is not finished, press No and draw it.")
            if empty and not slicer.util.confirmYesNoDisplay(question.format(case=case.name, empty=empty)):
                return
            began = corrections.accept(cases, case, node, sampled)
            if case.segmentation is None and case.images[0] in corrections.predicted_images():
                self._drawn.take_off(case.key)
            absent = corrections.words_of_absent(case, sampled)
            parts = [_("“{case}” is annotated.").format(case=case.name), empty or absent, corrections.words_of(began)]
            said = " ".join(filter(None, parts))
            self._say(said)
            self.bar.say(f"{said} {self.bar.accepted()}".strip())
            self._list()
            self._enable()
            self.bar.allow(_("It is accepted; open it again to correct it further"), self._no_flag(), self._no_next())

    def flag(self) -> None:
        """Put the case that is open aside: it is not proposed any more, and what is drawn stays."""
        with failing(_("The case could not be put aside.")):
            cases = TargetCases(self.logic.getParameterNode().parameterNode)
            case = cases.get(self._open)
            if reason := self._no_flag():  # annotated since the button was enabled
                self.bar.say(reason)
            elif case is not None:
                cases.update(replace(case, flagged=True))
                self.bar.say(_("“{case}” is put aside; “Correct” opens it again.").format(case=case.name))
                self._list()
                self._enable()

    def back(self) -> None:
        """Go back to this module."""
        with failing(_("The module could not be opened.")):
            self.cleanup()
            self._open, self._opened = "", None
            self.bar.close()
            slicer.util.selectModule("TransferSeg")
            self.module.refresh_later()

    # Small things

    def _cases(self) -> list[TargetCase]:
        return TargetCases(self.parameters.parameterNode).all() if self.has_parameters else []

    def _waiting(self) -> list[TargetCase]:
        """The cases that are to be annotated."""
        return [case for case in self._cases() if case.segmentation is None and not case.flagged]

    def _selected(self) -> list[TargetCase]:
        keys = self.module.selected_cases()
        return [case for case in self._cases() if case.key in keys]

    def _drawn_of_selected(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """The drafts of the selected cases, and the segmentations of those without one, as far as they are in the scene."""
        drafts = corrections.drafts()
        nodes = [drafts.get(case.key, case.segmentation) for case in self._selected()]
        return [node for node in nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)]

    def _shown_of_selected(self) -> slicer.vtkMRMLSegmentationNode | None:
        return shown_of(self._drawn_of_selected())

    def _label_map(self, cases: Sequence[TargetCase]) -> dict[str, object]:
        return label_map(self.parameters, [name for case in cases for name in case.label_names])

    def _in_scene(self, case: TargetCase) -> TargetCase:
        """The case with its images in the scene, where they can be drawn on."""
        if case.in_scene:
            return case
        images = tuple(add_volume(read_volume(path), path.name) for path in case.images if isinstance(path, Path))
        loaded = replace(case, images=images)
        TargetCases(self.parameters.parameterNode).update(loaded)
        return loaded

    def _list(self) -> None:
        """Show which cases were ranked and are still to be annotated."""
        table = self.ui.nextTable
        waiting = {case.key: case.name for case in self._waiting()}
        with quiet(table):
            table.setRowCount(len(self.ranking.cases))
            for row, one in enumerate(self.ranking.cases):
                table.setItem(row, 0, cell(waiting.get(one.key, _("done")), one.reason))
                table.setItem(row, 1, cell(one.reason, one.reason))
        table.setVisible(bool(self.ranking.cases))
        self._fit()

    def _fit(self) -> None:
        """Give the rows the height that their texts need in a column of this width; the table scrolls."""
        self.ui.nextTable.resizeRowsToContents()
        self.ui.nextTable.setFixedHeight(HEIGHT_OF_RANKED)

    def _say(self, text: str) -> None:
        say(self.ui.nextStatusLabel, text)
        say(self.ui.correctStatusLabel, text)
        self.bar.say(text)

    def _show_progress(self, fraction: float | None) -> None:
        for bar in (self.ui.nextProgressBar, self.ui.correctProgressBar):
            bar.setRange(0, 0 if fraction is None else 100)
            bar.setValue(0 if fraction is None else round(100 * fraction))
        self.bar.show_progress(fraction, self._works)

    @property
    def _is_waited_for(self) -> bool:
        """Whether the person is still where they asked for a case: in this module, or in the Segment Editor."""
        return self.module.entered or self.bar.is_seen

    @property
    def _works(self) -> bool:
        return self.segmenting.works or self.ranking.works

    @property
    def waits(self) -> bool:
        """Whether any case is to be annotated."""
        return bool(self._waiting())

    def _no_flag(self) -> str:
        """Why the open case cannot be put aside; "" where it can."""
        case = TargetCases(self.parameters.parameterNode).get(self._open) if self._open else None
        if case is None or case.segmentation is None:
            return ""
        return _(
            "This case is annotated, so rounds learn from it; correct and accept it, remove it from the cases, or leave it"
        )

    def _no_next(self) -> str:
        """Why no next case can be asked for; "" where it can."""
        if self._works:
            return _("A case is being looked for")
        if self.module.source() is None:
            return _("Choose a source model that is on this computer")
        return "" if self._waiting() else _("Every case is annotated or put aside")

    def _enable(self) -> None:
        if not self.has_parameters:
            return
        ui, works = self.ui, self._works
        for widget in (ui.nextProgressBar, ui.correctProgressBar, ui.cancelNextButton, ui.cancelCorrectButton):
            widget.setVisible(works)
        if not works:
            self.bar.show_progress(None, works=False)
        no_next = self._no_next()
        enable(ui.nextCaseButton, no_next)
        ui.nextTable.setEnabled(not works)
        selected = self._selected()
        reason = _("A case is being segmented") if works else "" if selected else _("Select a case in the table first")
        unsegmented = any(map(_may_be_segmented, selected))
        enable(
            ui.segmentCaseButton,
            reason or ("" if unsegmented else _("These cases have segmentations, or drafts that you have worked on")),
        )
        enable(ui.correctCaseButton, reason)
        ui.exportCaseButton.setVisible(not works)  # beside Cancel there is no room for it
        drawn = not works and self._drawn_of_selected()
        nothing = "" if drawn else _("These cases have no segmentation and no draft in the scene")
        enable(ui.exportCaseButton, reason or nothing)
        self._say_effort([case for case in selected if _may_be_segmented(case)])
        say(ui.caseStateLabel, corrections.state_of(selected[0]) if len(selected) == 1 else "")
        under_way = _("A case is being segmented") if works else ""
        self.bar.allow(under_way, under_way or self._no_flag(), no_next)

    def _say_effort(self, selected: Sequence[TargetCase]) -> None:
        """Say how much there is to do for a model of nnU-Net's, where these cases are segmented and where all are ranked."""
        card, now = None if self._works else card_now(self.module), None
        if card is not None and card.inference.as_nnunet is not None:
            with contextlib.suppress(InputError):  # as Segment and Next say
                now = model_now(self.module)
        if now is None:
            self._segmenting_effort.show("")
            self._ranking_effort.show("")
            return
        self._segmenting_effort.show(effort_of_segmenting(now.card, [case.images[0] for case in selected]))
        waiting = self._waiting()
        ranked = {one.key for one in self.ranking.cases}
        is_ranked = any(case.key in ranked for case in waiting)
        draws = now.job is None and len(self._drawn.annotated(self._cases())) < SHARED_CASES
        asked = [] if is_ranked or draws else [case.images[0] for case in waiting]
        self._ranking_effort.show(effort_of_ranking(now.card, asked), can_be_quick=bool(now.card.members))


def _nothing_drawn() -> InputError:
    return InputError(
        "nothing-drawn",
        "No segmentation of the selected cases is shown; select one case that has a segmentation or a draft.",
    )


def _may_be_segmented(case: TargetCase) -> bool:
    return case.segmentation is None and not corrections.is_begun(case.key)
