"""Cases are segmented by the model by now, corrected in the Segment Editor and accepted; all rounds are remembered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest


@pytest.fixture
def editor(panel, monkeypatch):
    """Slicer's Segment Editor, which is not shown yet."""
    from SlicerRuntime import segment_editor

    return segment_editor.install("TransferSeg", monkeypatch)


def paint(scene, node, image, box, name: str) -> None:
    """Paint a box of a segment, as a person does in the Segment Editor."""
    identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
    voxels = scene.util.arrayFromSegmentBinaryLabelmap(node, identifier, image).copy()
    voxels[box] = 1
    scene.util.updateSegmentBinaryLabelmapFromArray(voxels, node, identifier, image)


def without_annotations(panel, scene, volumes, annotated: int) -> None:
    """Put volumes into the table, the first of which are annotated."""
    for volume in volumes[annotated:]:
        for node in list(scene.util.getNodes(f"{volume.GetName()} labels").values()):
            scene.mrmlScene.RemoveNode(node)
    panel.ui.addFromSceneButton.click()


def test_a_case_is_segmented_opened_corrected_and_accepted(panel, editor, heads, scene, runtime):
    import vtk
    from TransferSegGui import corrections
    from TransferSegGui.segmentations import sample_segments
    from TransferSegGui.volumes import world_grid

    volumes, ui = heads(3), panel.ui
    without_annotations(panel, scene, volumes, 1)
    ui.targetCasesTable.selectRow(1)
    runtime.process_events(50)
    section = panel.correct_section
    ui.correctCaseButton.click()
    assert not ui.correctProgressBar.isHidden() and not ui.cancelNextButton.isHidden()
    runtime.wait_until(lambda: editor.selected == "SegmentEditor", 120)
    runtime.wait_until(lambda: not section.segmenting.works, 30)
    chosen = scene.modules.segmenteditor.widgetRepresentation().self().editor
    node = chosen.segmentationNode()
    assert chosen.sourceVolumeNode() is volumes[1] and node.GetDisplayNode().GetVisibility()
    assert not section.bar.frame.isHidden() and "Head 2" in section.bar._title.text
    case = panel.cases_section.cases()[1]
    assert corrections.drafts() == {case.key: node} and case.segmentation is None
    # The person gives a corner to bone.
    values = {"air": 1, "soft tissue": 2, "bone": 3}
    grid = world_grid(volumes[1])
    before = sample_segments(node, grid, values).array
    for name in ("air", "soft tissue"):
        identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
        voxels = scene.util.arrayFromSegmentBinaryLabelmap(node, identifier, volumes[1]).copy()
        voxels[:4, :4, :4] = 0
        scene.util.updateSegmentBinaryLabelmapFromArray(voxels, node, identifier, volumes[1])
    paint(scene, node, volumes[1], (slice(0, 4),) * 3, "bone")
    after = sample_segments(node, grid, values).array
    section.bar.accept.click()
    case = panel.cases_section.cases()[1]
    assert case.segmentation is node and case.role == "train" and corrections.drafts() == {}
    began = corrections.began_as(node)
    changed = int((before != after).sum())
    assert changed > 0
    assert began.changed_ml == pytest.approx(changed * np.prod(grid.spacing_mm) / 1000, rel=1e-4)
    dice = [2 * ((before == n) & (after == n)).sum() / ((before == n).sum() + (after == n).sum()) for n in (1, 2, 3)]
    assert began.dice == pytest.approx(np.mean(dice)) and began.model == panel.source().card.name
    assert f"{began.changed_ml:.2f} mL changed" in section.bar._status.text
    assert not section.bar.accept.enabled
    tag = vtk.reference("")
    assert node.GetSegmentation().GetNthSegment(0).GetTag("DICOM.SegmentAlgorithmType", tag)
    assert str(tag) == "SEMIAUTOMATIC"
    section.bar.back.click()
    assert editor.selected == "TransferSeg" and section.bar.frame.isHidden()
    runtime.process_events(100)
    assert [c.role for c in panel.cases_section.cases()] == ["train", "train", "unlabelled"]


def test_next_asks_for_three_cases_without_a_prediction_before_the_first_round(panel, editor, heads, scene, runtime):
    import json

    from TransferSegGui import corrections
    from TransferSegGui.segmentations import segment_names

    volumes, ui, section = heads(6), panel.ui, panel.correct_section
    # One that the person chose and annotated stands for itself, and counts for none of the three.
    without_annotations(panel, scene, volumes, 1)
    panel.refresh()
    names = set()
    for count in (1, 2, 3):
        (ui.nextCaseButton if count == 1 else section.bar.following).click()
        assert editor.selected == "SegmentEditor" and not section.ranking.works
        [(key, node)] = corrections.drafts().items()
        assert (
            json.loads(panel.parameters.drawnCases)[-1] == key and len(json.loads(panel.parameters.drawnCases)) == count
        )
        assert (
            segment_names(node) == ["air", "soft tissue", "bone"] and "without a prediction" in section.bar._title.text
        )
        assert f"Drawn at random, for all rounds to be compared on ({count} of 3)." in section.bar._status.text
        image = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
        names.add(image.GetName())
        paint(scene, node, image, (slice(2, 9),) * 3, "bone")
        section.bar.accept.click()
        assert corrections.drafts() == {} and corrections.began_as(node) is None
        assert "Drawn without a prediction" in section.bar._status.text
    assert len(names) == 3 and names < {"Head 2", "Head 3", "Head 4", "Head 5", "Head 6"}
    # With three drawn ones that nobody has seen a prediction of, the model says which is next.
    section.bar.following.click()
    assert section.ranking.works and not section.bar.following.enabled
    runtime.wait_until(lambda: not section.ranking.works, 120)
    [(key, node)] = corrections.drafts().items()
    assert corrections.began_as(node) is not None and "By spread alone" in section.bar._status.text
    assert "There is one model" in section.bar._status.text and "copies of the image" in section.bar._status.text
    assert section.ranking.cases[0].key == key and len(section.ranking.cases) == 2
    # Labels that are numbered anew meanwhile change no name in the predictions that are there.
    other = section.ranking.cases[1].key
    first = panel.cases_section.cases()[0].segmentation.GetSegmentation()
    for n, name in enumerate(("bone", "soft tissue", "air")):
        first.GetNthSegment(n).SetName(name)
    ui.nextTable.cellActivated.emit(1, 0)
    segments = corrections.drafts()[other].GetSegmentation()
    segments = [segments.GetNthSegment(n) for n in range(3)]
    assert {segment.GetLabelValue(): segment.GetName() for segment in segments} == {
        1: "air",
        2: "soft tissue",
        3: "bone",
    }
    # Put aside, it is not proposed any more.
    section.bar.flag.click()
    section.bar.following.click()
    assert next(c for c in panel.cases_section.cases() if c.key == other).flagged and section._open == key
    assert set(corrections.drafts()) == {one.key for one in section.ranking.cases}
    # With another label the ranking is of before.
    first.GetNthSegment(0).SetName("skull")
    section.bar.back.click()
    panel.refresh()
    assert section.ranking.cases == [] and ui.nextTable.isHidden()


def test_a_draft_that_somebody_has_worked_on_is_not_segmented_again(panel, editor, heads, scene, runtime):
    from TransferSegGui import corrections

    volumes, ui = heads(2), panel.ui
    without_annotations(panel, scene, volumes, 1)
    ui.targetCasesTable.selectRow(1)
    runtime.process_events(50)
    ui.segmentCaseButton.click()
    runtime.wait_until(lambda: not panel.correct_section.segmenting.works, 120)
    [(key, node)] = corrections.drafts().items()
    assert "One draft is in the scene" in ui.correctStatusLabel.text and not corrections.is_begun(key)
    assert ui.segmentCaseButton.enabled and ui.nextTable.enabled
    ui.segmentCaseButton.click()
    assert not ui.nextTable.enabled
    paint(scene, node, volumes[1], (slice(0, 4),) * 3, "bone")  # while the model segments it once more
    runtime.wait_until(lambda: not panel.correct_section.segmenting.works, 120)
    assert corrections.drafts() == {key: node} and corrections.is_begun(key)
    assert "You have worked on “Head 2” meanwhile" in ui.correctStatusLabel.text
    panel.refresh()
    assert not ui.segmentCaseButton.enabled and "worked on" in ui.segmentCaseButton.toolTip
    ui.correctCaseButton.click()
    assert scene.modules.segmenteditor.widgetRepresentation().self().editor.segmentationNode() is node
    panel.correct_section.bar.back.click()


def predicted(scene, volume, mark: str):
    """What the model “tiny” found in a volume: all of it is bone."""
    from TransferSegGui.predictions import add_prediction
    from TransferSegGui.segmentations import Style
    from TransferSegGui.sequences import as_shown
    from TransferSegGui.volumes import world_grid

    from TransferSegLib.cases.volumes import Volume

    grid = world_grid(volume)
    found = Volume(np.ones(grid.size, np.uint8), grid)
    return add_prediction(found, {1: Style("bone", (1, 1, 1), made_by="tiny")}, as_shown(volume), "Tiny", mark)


def test_a_prediction_that_is_chosen_as_a_segmentation_does_not_count_as_drawn(panel, heads, scene):
    from TransferSegGui import corrections
    from TransferSegGui.targets import TargetCases

    volumes, ui = heads(3), panel.ui
    without_annotations(panel, scene, volumes, 2)
    tried = predicted(scene, volumes[2], "tried/0123")
    panel.refresh()
    combo = ui.targetCasesTable.cellWidget(2, 2)
    combo.setCurrentIndex(combo.findData(tried.GetID()))
    combo.activated.emit(combo.currentIndex)
    cases = panel.cases_section.cases()
    assert cases[2].segmentation is tried and cases[2].role == "train"
    assert [case.name for case in corrections.drawn(cases)] == ["Head 1", "Head 2"]
    # Nor does it when it was corrected and accepted.
    assert corrections.accept(TargetCases(panel.parameters.parameterNode), cases[2], tried).model == "tiny"
    assert corrections.began_as(tried).model == "tiny" and not tried.GetAttribute("TransferSeg.Result")


def choose(panel, row: int, node) -> None:
    """Choose the segmentation of a case in its row, as a person does."""
    combo = panel.ui.targetCasesTable.cellWidget(row, 2)
    combo.setCurrentIndex(combo.findData(node.GetID()))
    combo.activated.emit(combo.currentIndex)


def erase(scene, node, image, name: str, box=...) -> None:
    """Erase a segment within a box, as a person does in the Segment Editor."""
    identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
    voxels = scene.util.arrayFromSegmentBinaryLabelmap(node, identifier, image).copy()
    voxels[box] = 0
    scene.util.updateSegmentBinaryLabelmapFromArray(voxels, node, identifier, image)


def algorithm_type(node) -> str:
    import vtk

    tag = vtk.reference("")
    assert node.GetSegmentation().GetNthSegment(0).GetTag("DICOM.SegmentAlgorithmType", tag)
    return str(tag)


def test_a_case_in_which_there_is_nothing_is_accepted_when_the_person_says_so(
    panel, editor, heads, scene, monkeypatch, tmp_path
):
    from all_steps import take_all_steps
    from TransferSegGui import corrections
    from TransferSegGui.exporting import Exporter
    from TransferSegGui.segmentations import segment_names

    from TransferSegLib.cases.readers import read_case_set
    from TransferSegLib.cases.volumes import read_labels

    volumes, section = heads(3), panel.correct_section
    without_annotations(panel, scene, volumes, 1)
    case = panel.cases_section.cases()[1]
    node = corrections.begin_with(case, predicted(scene, volumes[1], f"draft/{case.key}"), "tiny", "")
    section._edit(case)
    erase(scene, node, volumes[1], "bone")
    asked, answers = [], [False, True, True]
    monkeypatch.setattr(
        scene.util, "confirmYesNoDisplay", lambda text, *_: asked.append(text) or answers[len(asked) - 1]
    )
    section.bar.accept.click()
    assert panel.cases_section.cases()[1].segmentation is None, "the person said No"
    assert "Accept “Head 2”?" in asked[0] and "there is nothing of “bone”" in asked[0]
    section.bar.accept.click()
    accepted = panel.cases_section.cases()[1]
    assert accepted.segmentation is node and accepted.role == "train" and segment_names(node) == ["bone"]
    assert "there is nothing of “bone”" in section.bar._status.text and "mL changed" in section.bar._status.text
    assert corrections.began_as(node).dice == 0 and algorithm_type(node) == "SEMIAUTOMATIC"
    # So is one on which nothing was drawn, and both are learned from.
    section._edit(panel.cases_section.cases()[2])
    section.bar.accept.click()
    cases = panel.cases_section.cases()
    assert len(asked) == 3 and "Drawn without a prediction" in section.bar._status.text
    assert all(name in asked[2] for name in ("“air”", "“soft tissue”", "“bone”"))
    found = read_case_set(take_all_steps(Exporter(tmp_path / "files").write_in_steps(tmp_path / "out", cases)))
    labels = [read_labels(one.label).array for one in found.cases if one.role == "train"]
    assert [bool(one.any()) for one in labels] == [True, False, False]
    section.bar.back.click()


def test_labels_that_are_not_drawn_are_named_and_nothing_is_asked(panel, editor, heads, scene, monkeypatch):
    from TransferSegGui import corrections

    volumes, section = heads(3), panel.correct_section
    without_annotations(panel, scene, volumes, 1)
    monkeypatch.setattr(scene.util, "confirmYesNoDisplay", lambda *_: pytest.fail("it is not empty"))
    section._edit(panel.cases_section.cases()[1])
    [node] = corrections.drafts().values()
    paint(scene, node, volumes[1], (slice(2, 9),) * 3, "bone")
    section.bar.accept.click()
    said = section.bar._status.text
    assert "“air”, “soft tissue” are not drawn and count as not there" in said and "“bone”" not in said
    # Once nobody looked for one of them, the other is named alone.
    case = replace(panel.cases_section.cases()[1], not_annotated=("air",))
    words = corrections.words_of_absent(case, corrections.sample(case, node))
    assert words.startswith("“soft tissue” is not drawn and counts as not there")
    # In other slices it may be there.
    assert corrections.words_of_absent(replace(case, annotated_slices="K:3"), corrections.sample(case, node)) == ""
    paint(scene, node, volumes[1], (slice(10, 12),) * 3, "soft tissue")
    assert corrections.words_of_absent(case, corrections.sample(case, node)) == ""


def test_an_annotated_case_cannot_be_put_aside_and_the_button_says_why(panel, editor, heads, scene):
    from TransferSegGui import corrections
    from TransferSegGui.targets import TargetCases

    volumes, section = heads(3), panel.correct_section
    without_annotations(panel, scene, volumes, 1)
    section._edit(panel.cases_section.cases()[0])
    assert section.bar.accept.enabled and not section.bar.flag.enabled
    assert "This case is annotated, so rounds learn from it" in section.bar.flag.toolTip
    # One that is not is put aside as before, until it is accepted.
    case = panel.cases_section.cases()[1]
    section._edit(case)
    assert section.bar.flag.enabled and "annotated" not in section.bar.flag.toolTip
    node = corrections.drafts()[case.key]
    paint(scene, node, volumes[1], (slice(2, 9),) * 3, "bone")
    section.bar.accept.click()
    panel.refresh()
    assert section.bar.accept.enabled and not section.bar.flag.enabled
    # What became annotated while the button was enabled is not put aside, and that is said.
    case = panel.cases_section.cases()[2]
    section._edit(case)
    TargetCases(panel.parameters.parameterNode).update(replace(case, segmentation=node, role="train"))
    section.bar.flag.click()
    assert not panel.cases_section.cases()[2].flagged and "rounds learn from it" in section.bar._status.text


def test_a_segmentation_without_segments_is_not_accepted(panel, heads, scene):
    from TransferSegGui import corrections
    from TransferSegGui.segmentations import Style
    from TransferSegGui.targets import TargetCases

    without_annotations(panel, scene, heads(2), 1)
    case = panel.cases_section.cases()[1]
    node = corrections.begin_empty(case, [Style("bone", (1, 1, 1))])
    node.GetSegmentation().RemoveSegment(node.GetSegmentation().GetNthSegmentID(0))
    with pytest.raises(Exception, match="has no segment"):
        corrections.accept(TargetCases(panel.parameters.parameterNode), case, node)


def test_a_chosen_result_is_compared_with_what_it_was_when_it_is_corrected(panel, editor, heads, scene, runtime):
    from TransferSegGui import corrections

    volumes, ui, section = heads(4), panel.ui, panel.correct_section
    without_annotations(panel, scene, volumes, 2)
    first, second = (predicted(scene, volume, "tried/0123") for volume in volumes[2:])
    paint(scene, second, volumes[3], (slice(0, 2),) * 3, "bone")
    erase(scene, second, volumes[3], "bone", (slice(0, 2),) * 3)  # before its correction begins
    panel.refresh()
    for row, node in ((2, first), (3, second)):
        choose(panel, row, node)
        panel.refresh()
    for row, node, edited in ((2, first, False), (3, second, True)):
        ui.targetCasesTable.selectRow(row)
        runtime.process_events(50)
        ui.correctCaseButton.click()
        began = corrections.began_as(node)
        assert began.model == "tiny" and began.edited is edited and "what “tiny” found" in section.bar._title.text
        if row == 2:
            erase(scene, node, volumes[2], "bone", (slice(0, 4),) * 3)
        section.bar.accept.click()
        assert algorithm_type(node) == "SEMIAUTOMATIC", "a person had a hand in it, also where it was before Correct"
        section.bar.back.click()
    began, voxels = corrections.began_as(first), np.prod(volumes[2].GetImageData().GetDimensions())
    spacing = np.prod(volumes[2].GetSpacing())
    assert began.changed_ml == pytest.approx(64 * spacing / 1000, rel=1e-4)
    assert began.dice == pytest.approx(2 * (voxels - 64) / (2 * voxels - 64))
    # Opened again, it is still compared with the prediction.
    section._edit(panel.cases_section.cases()[2])
    section.bar.accept.click()
    assert corrections.began_as(first).changed_ml == began.changed_ml
    section.bar.back.click()


def test_a_case_of_which_a_result_was_seen_is_not_drawn(panel, editor, heads, scene):
    from TransferSegGui import corrections

    volumes, section = heads(4), panel.correct_section
    without_annotations(panel, scene, volumes, 1)
    predicted(scene, volumes[1], "tried/0123")
    predicted(scene, volumes[2], "0123abcd/case_003")  # as by a job, or applied
    panel.refresh()
    panel.ui.nextCaseButton.click()
    assert section._drawn.keys == [panel.cases_section.cases()[3].key] == [section._open]
    # Seen while it is drawn, it does not count either.
    node = corrections.drafts()[section._open]
    predicted(scene, volumes[3], "tried/0123")
    paint(scene, node, volumes[3], (slice(2, 9),) * 3, "bone")
    section.bar.accept.click()
    assert section._drawn.keys == [] and panel.cases_section.cases()[3].segmentation is node
    section.bar.back.click()


def test_skipped_cases_that_were_drawn_come_again_after_the_last_and_stay_three(panel, editor, heads, scene):
    from TransferSegGui import corrections

    volumes, section = heads(7), panel.correct_section
    without_annotations(panel, scene, volumes, 1)
    panel.refresh()
    panel.ui.nextCaseButton.click()
    opened = [section._open]
    for _time in range(5):
        section.bar.following.click()
        opened.append(section._open)
    assert opened[:3] == opened[3:] and len(set(opened)) == 3 == len(section._drawn.keys)
    assert "(3 of 3)" in section.bar._status.text
    # A flagged one has another in its place.
    section.bar.flag.click()
    section.bar.following.click()
    assert section._open not in opened and len(section._drawn.keys) == 4
    # With two annotated, the last stays until it is drawn or flagged.
    for key in opened[:2]:
        section._edit(next(case for case in panel.cases_section.cases() if case.key == key))
        node = corrections.drafts()[key]
        paint(scene, node, section._opened.GetNodeReference("referenceImageGeometryRef"), (slice(2, 9),) * 3, "bone")
        section.bar.accept.click()
    section.bar.following.click()
    last = section._open
    section.bar.following.click()
    assert section._open == last and "press Flag for another" in section.bar._status.text
    assert not section.ranking.works and len(section._drawn.annotated(panel.cases_section.cases())) == 2
    section.bar.back.click()


def test_an_empty_draft_is_begun_once_something_is_drawn(panel, heads, scene):
    from TransferSegGui import corrections
    from TransferSegGui.segmentations import Style

    volumes = heads(2)
    without_annotations(panel, scene, volumes, 0)
    first, second = panel.cases_section.cases()
    for case in (first, second):
        corrections.begin_empty(case, [Style("bone", (1, 1, 1))])
        assert not corrections.is_begun(case.key)
    mine = corrections.drafts()[second.key]
    paint(scene, mine, volumes[1], (slice(0, 4),) * 3, "bone")
    assert corrections.is_begun(second.key)
    # A prediction takes the place of one in which nothing is drawn.
    found = predicted(scene, volumes[0], f"draft/{first.key}")
    corrections.begin_with(first, found, "tiny", "")
    assert corrections.drafts() == {first.key: found, second.key: mine}
    assert len(scene.util.getNodes("Head 1: annotation")) == 0


def test_a_case_to_draw_without_a_prediction_is_none_that_has_one(panel, editor, heads, scene):
    import json

    from TransferSegGui import corrections

    volumes = heads(3)
    without_annotations(panel, scene, volumes, 1)
    _first, second, third = panel.cases_section.cases()
    panel.parameters.drawnCases = json.dumps([second.key])  # it comes first, but was segmented meanwhile
    corrections.begin_with(second, predicted(scene, volumes[1], f"draft/{second.key}"), "tiny", "")
    panel.refresh()
    panel.ui.nextCaseButton.click()
    assert panel.correct_section._open == third.key
    assert corrections.began_as(corrections.drafts()[third.key]) is None
    # What is accepted is what was open, even if another draft of the case came in meanwhile.
    mine = corrections.drafts()[third.key]
    paint(scene, mine, volumes[2], (slice(0, 4),) * 3, "bone")
    corrections.begin_with(third, predicted(scene, volumes[2], f"draft/{third.key}"), "tiny", "")
    panel.correct_section.bar.accept.click()
    assert panel.cases_section.cases()[2].segmentation is mine
    panel.correct_section.bar.back.click()


def test_segment_and_next_say_how_much_a_model_of_nnunet_has_to_do_and_offer_less(
    panel, editor, heads, scene, monkeypatch, runtime
):
    import json

    from TransferSegLib.core.card import CardMember
    from TransferSegLib.core.inference_settings import AsNnunet

    volumes, ui, section = heads(5), panel.ui, panel.correct_section
    without_annotations(panel, scene, volumes, 3)
    keys = [case.key for case in panel.cases_section.cases()]
    ui.targetCasesTable.selectRow(3)
    panel.refresh()
    shown = (ui.correctEffortLabel, ui.correctQuickCheckBox, ui.nextEffortLabel, ui.nextQuickCheckBox)
    assert all(widget.isHidden() for widget in shown), "the tiny model is none of nnU-Net's"
    source = panel.source()
    card = replace(
        source.card,
        inference=replace(source.card.inference, as_nnunet=AsNnunet(mirror=("right", "anterior", "superior"))),
        preprocessing=replace(source.card.preprocessing, spacing_mm=None),
        patch_size=(16, 16, 16),
        members=(CardMember("members/fold0.safetensors", "0" * 64),),
    )
    monkeypatch.setattr(panel.source_section, "source", lambda: replace(source, card=card))
    panel.refresh()
    # Two windows along each of the first two axes of 24 × 24 × 16 voxels, eight copies of each, two networks.
    assert (
        "64 runs of a network over this volume" in ui.correctEffortLabel.text and not ui.correctQuickCheckBox.isHidden()
    )
    # Nothing is ranked while cases are drawn.
    assert ui.nextEffortLabel.isHidden() and ui.nextQuickCheckBox.isHidden()
    panel.parameters.drawnCases = json.dumps(keys[:3])
    panel.refresh()
    # Two cases, as a job segments them: four windows, seven shifted copies, two networks.
    assert "a look at 2 of them: up to 112 runs of a network" in ui.nextEffortLabel.text
    for row in (0, 4):
        ui.targetCasesTable.selectRow(row)
        runtime.process_events(20)
        assert ui.correctEffortLabel.isHidden() == (row == 0), "an annotated case is not segmented"
    ui.targetCasesTable.selectAll()
    runtime.process_events(20)
    assert "128 runs of a network over these 2 volumes" in ui.correctEffortLabel.text
    # A tick in one place is one in all, and makes less of it.
    ui.correctQuickCheckBox.click()
    runtime.process_events(50)
    assert panel.parameters.tryQuick and ui.nextQuickCheckBox.checked and ui.tryQuickCheckBox.checked
    assert ui.correctEffortLabel.isHidden() and ui.nextEffortLabel.isHidden() and not ui.nextQuickCheckBox.isHidden()
    asked = []
    monkeypatch.setattr(section.ranking, "begin", lambda *given: asked.append(given[-1]))
    ui.nextCaseButton.click()
    ui.nextQuickCheckBox.click()
    runtime.process_events(50)
    assert not panel.parameters.tryQuick and not ui.correctQuickCheckBox.checked
    ui.nextCaseButton.click()
    assert asked == [True, False]


def test_the_bar_is_no_higher_than_its_texts_and_leaves_the_rest_to_the_editor(panel, editor, heads, scene, runtime):
    from SlicerRuntime import layout, pictures

    volumes = heads(2)
    section = panel.correct_section
    section.bar.open(scene.util.getNode("Head 1 labels"), volumes[0], "Head 1: correct its annotation, then accept it.")
    section.bar.say("By spread alone, and it is as far from the annotated cases as scans usually are. " * 2)
    shown = pictures.module_panel(scene.modules.segmenteditor.widgetRepresentation(), 420, 900)
    runtime.process_events(20)
    assert 60 < section.bar.frame.height < 160 and section.bar.frame.y < 20
    assert layout.faults(shown.widget()) == []
    shown.takeWidget()
    shown.deleteLater()


def test_drafts_and_annotations_of_selected_cases_are_measured(panel, editor, heads, scene, runtime):
    volumes, ui, section = heads(3), panel.ui, panel.correct_section
    without_annotations(panel, scene, volumes, 1)
    ui.targetCasesTable.selectRow(1)
    runtime.process_events(50)
    assert not ui.exportCaseButton.enabled
    assert ui.exportCaseButton.toolTip == "These cases have no segmentation and no draft in the scene"
    ui.segmentCaseButton.click()
    runtime.wait_until(lambda: not section.segmenting.works, 120)
    assert ui.exportCaseButton.enabled
    ui.targetCasesTable.selectAll()
    runtime.process_events(50)
    actions = {action.text: action for action in section.menu.actions()}
    assert list(actions) == [
        "Volumes and intensities",
        "Volumes and intensities as CSV…",
        "Segmentation as DICOM SEG…",
    ]
    actions["Volumes and intensities"].trigger()
    table = scene.util.getNode("Volumes and intensities")
    column = table.GetTable().GetColumnByName("Segmentation")
    names = [column.GetValue(n) for n in range(column.GetNumberOfValues())]
    draft = next(node for node in scene.util.getNodesByClass("vtkMRMLSegmentationNode") if node.GetName() in names[-1:])
    assert names == ["Head 1 labels"] * 3 + [draft.GetName()] * 3 and draft.GetName().startswith("Head 2: ")
    assert ui.correctStatusLabel.text.startswith("6 segments of 2 segmentations are in the table")


def test_what_nobody_annotated_counts_for_no_change_of_a_prediction(panel, heads, scene):
    from TransferSegGui import corrections
    from TransferSegGui.targets import TargetCases

    volumes = heads(3)
    without_annotations(panel, scene, volumes, 1)
    cases, known = TargetCases(panel.parameters.parameterNode), panel.cases_section.cases()
    # Slices: the whole image is predicted as bone, and it was drawn in three slices alone.
    case = replace(known[1], annotated_slices="axial: 4-6")
    node = corrections.begin_with(case, predicted(scene, volumes[1], f"draft/{case.key}"), "tiny", "")
    erase(scene, node, volumes[1], "bone", np.s_[:4])
    erase(scene, node, volumes[1], "bone", np.s_[7:])
    began = corrections.accept(cases, case, node)
    assert (began.dice, began.changed_ml) == (1.0, 0.0)
    # Labels: nobody looked for bone in this case.
    case = replace(known[2], not_annotated=("bone",))
    node = corrections.begin_with(case, predicted(scene, volumes[2], f"draft/{case.key}"), "tiny", "")
    erase(scene, node, volumes[2], "bone")
    began = corrections.accept(cases, case, node)
    assert (began.dice, began.changed_ml) == (None, 0.0)


def files_of(scene, volumes, folder) -> list:
    """The files of volumes, which leave the scene, with their segmentations."""
    from TransferSegGui.volumes import world_volume

    from TransferSegLib.cases.volumes import write_volume

    files = []
    for n, volume in enumerate(volumes):
        files.append(folder / f"scan_{n}.nii.gz")
        found = world_volume(volume)
        write_volume(files[-1], found.array, found.grid)
        for node in list(scene.util.getNodes(f"{volume.GetName()} labels").values()):
            scene.mrmlScene.RemoveNode(node)
        scene.mrmlScene.RemoveNode(volume)
    return files


def test_a_file_that_cannot_be_read_is_named_and_the_next_case_is_another(
    panel, editor, heads, scene, runtime, tmp_path
):
    from TransferSegGui import corrections
    from TransferSegGui.targets import TargetCase, TargetCases

    volumes, ui, section = heads(3), panel.ui, panel.correct_section
    files = files_of(scene, volumes[1:], tmp_path)
    files[0].write_bytes(files[0].read_bytes()[:1000])
    TargetCases(panel.parameters.parameterNode).add(TargetCase((file,), None, "unlabelled") for file in files)
    panel.refresh()
    left = {case.name: case.key for case in panel.cases_section.cases()}
    # Both are drawn, in whatever order; the one that cannot be read never opens.
    for _ in range(2):
        ui.nextCaseButton.click()
        assert editor.selected == "SegmentEditor" and list(corrections.drafts()) == [left["scan_1.nii.gz"]]
    runtime.wait_until(lambda: not section.ranking.works, 60)
    assert "“scan_0.nii.gz” was left out: " in ui.nextStatusLabel.text
    assert left["scan_0.nii.gz"] not in panel.parameters.drawnCases.strip("[]").replace('"', "").split(", ")
    section.bar.back.click()


def test_a_file_that_cannot_be_read_is_left_out_of_the_ranking(
    panel, editor, heads, scene, runtime, tmp_path, monkeypatch
):
    from TransferSegGui.drawn_cases import DrawnCases
    from TransferSegGui.targets import TargetCase, TargetCases

    volumes, ui, section = heads(3), panel.ui, panel.correct_section
    files = files_of(scene, volumes[1:], tmp_path)
    whole = [file.read_bytes() for file in files]
    for file, content in zip(files, whole, strict=True):
        file.write_bytes(content[:1000])
    ui.addFromSceneButton.click()
    TargetCases(panel.parameters.parameterNode).add(TargetCase((file,), None, "unlabelled") for file in files)
    panel.refresh()
    monkeypatch.setattr(DrawnCases, "next", lambda *_: None)  # enough were drawn
    ui.nextCaseButton.click()
    runtime.wait_until(lambda: not section.ranking.works, 60)
    assert section.ranking.cases == [] and ui.nextStatusLabel.text.count("was left out") == 2
    files[1].write_bytes(whole[1])
    ui.nextCaseButton.click()
    runtime.wait_until(lambda: not section.ranking.works, 120)
    names = {case.key: case.name for case in panel.cases_section.cases()}
    assert [names[one.key] for one in section.ranking.cases] == ["scan_1.nii.gz"]
    assert (
        "“scan_0.nii.gz” was left out: " in ui.nextStatusLabel.text
        and "truncated or damaged" in ui.nextStatusLabel.text
    )
    section.bar.back.click()
