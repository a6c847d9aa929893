"""Names without a space of a hundred letters, as exports of a PACS have them, made the panel as wide as they are.

SlicerIGT/SlicerIGT#58 (a transform's name widens the module's panel) and Slicer/Slicer#1649 (a volume's).
"""

from __future__ import annotations

NAME = "1.2.840.113619.2.416.10634142502611409964348085056782520111_T1w_MPRAGE_sag_iso_p2_ND_defaced_2022"


def test_a_long_name_without_spaces_does_not_widen_the_panel(panel, heads, runtime, scene):
    from SlicerRuntime.person import Person
    from TransferSegGui.section import write

    person, ui = Person(panel, 480, 600), panel.ui
    runtime.process_events(50)
    volumes = heads(2)
    for number, volume in enumerate(volumes):
        volume.SetName(f"{NAME}{number}")
    labels = scene.util.getNode("Head 1 labels")
    labels.SetName(f"{NAME}_seg")
    labels.GetSegmentation().GetNthSegment(0).SetName(NAME)
    ui.addFromSceneButton.click()
    ui.applySeveralCheckBox.click()
    runtime.process_events(50)
    names = ("statusLabel", "casesSummaryLabel", "verdictLabel", "applyStatusLabel", "goBackLabel")
    for name in (*names, "weightsLabel", "planLabel", "modelStatusLabel"):
        write(getattr(ui, name), f"{NAME}: no such file")
        getattr(ui, name).setVisible(True)
    runtime.process_events(100)
    inner = person.panel.widget()
    assert inner.width <= person.panel.viewport().width
    assert ui.statusLabel.text.replace("\u200b", "") == f"{NAME}: no such file"
    person.close()


def test_short_texts_and_paths_are_written_as_they_are(panel):
    from TransferSegGui.section import write

    for text in ("Done.", "/home/somebody/some-folder/of-a-person/whatever it is called: no such file"):
        write(panel.ui.statusLabel, text)
        assert panel.ui.statusLabel.text == text
