"""Slicer's Segment Editor, opened on a draft, with a bar at its top that leads back: Accept, Flag, Next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui import showing
from TransferSegGui.section import enable, write
from TransferSegLib.core.errors import InputError

EDITOR = "SegmentEditor"


@dataclass(frozen=True)
class Clicks:
    """What the buttons of the bar do."""

    accept: Callable[[], None]
    flag: Callable[[], None]
    following: Callable[[], None]
    back: Callable[[], None]
    cancel: Callable[[], None]


class CorrectionBar:
    """The bar at the top of the Segment Editor while a draft is open there.

    Attributes:
        frame: The bar.
        accept: Makes the draft the annotation of its case.
        flag: Puts the case aside.
        following: Goes on to the next case.
        back: Leads back to the module.
    """

    def __init__(self, clicks: Clicks) -> None:
        """Make the bar, which nobody sees yet."""
        self.frame = qt.QFrame()
        self.frame.setObjectName("transferSegBar")
        self.frame.setSizePolicy(qt.QSizePolicy.Preferred, qt.QSizePolicy.Maximum)  # the rest is the editor's
        self._module: Any = None  # the Segment Editor, once the bar is in it
        self._overlap = _Overlap()
        self._title, self._status = qt.QLabel(), qt.QLabel()
        self._progress = qt.QProgressBar()
        self.accept = _button(_("Accept"), _("This is the annotation of the case: the next round learns from it"))
        self.flag = _button(
            _("Flag"), _("Leave this case for later: it is not proposed any more, and what is drawn stays")
        )
        self.following = _button(_("Next"), _("Go on to the next case to annotate"))
        self.back = _button(_("Back"), _("Go back to TransferSeg"))
        self._cancel = _button(_("Cancel"), _("Stop looking for the next case"))
        for label in (self._title, self._status):
            label.setWordWrap(True)
        for name in ("title", "status", "progress", "accept", "flag", "following", "back", "cancel"):
            widget = getattr(self, name if hasattr(self, name) else f"_{name}")
            widget.setObjectName(f"transferSegBar{name.capitalize()}")
        rows, buttons = qt.QVBoxLayout(self.frame), qt.QHBoxLayout()
        rows.setContentsMargins(6, 4, 6, 4)
        rows.addWidget(self._title)
        for button, click in (
            (self.accept, clicks.accept),
            (self.flag, clicks.flag),
            (self.following, clicks.following),
            (self.back, clicks.back),
            (self._cancel, clicks.cancel),
        ):
            button.connect("clicked(bool)", lambda _on=False, click=click: click())
            if button is not self._cancel:
                buttons.addWidget(button)
        rows.addLayout(buttons)
        rows.addWidget(self._progress)
        rows.addWidget(self._cancel)
        rows.addWidget(self._status)
        self.frame.hide()

    def open(
        self,
        node: slicer.vtkMRMLSegmentationNode,
        volume: slicer.vtkMRMLVolumeNode,
        title: str,
        overlap: bool = False,
    ) -> None:
        """Open a draft in the Segment Editor, over its image.

        Args:
            node: The draft.
            volume: Its image.
            title: What the person is asked to do.
            overlap: Whether its segments may overlap, so that what is drawn in one takes nothing from another.

        Raises:
            InputError: This Slicer has no Segment Editor, or no window.
        """
        try:
            slicer.util.selectModule(EDITOR)
            widget = slicer.modules.segmenteditor.widgetRepresentation()
            self._overlap.follow(slicer.util.moduleSelector())
        except (RuntimeError, AttributeError):
            raise InputError(
                "segment-editor-missing",
                "Slicer's Segment Editor cannot be opened here; open the segmentation in another way, and come back.",
            ) from None
        if self._module is None:
            widget.layout().insertWidget(0, self.frame)
            self._module = widget
        # The module that was left has taken what it showed out of the views.
        showing.show_only([node], volume)
        editor = widget.self().editor
        editor.setSegmentationNode(node)
        editor.setSourceVolumeNode(volume)
        self._overlap.end()
        if overlap:
            self._overlap.begin(editor.mrmlSegmentEditorNode(), node)
        write(self._title, title)
        self.say("")
        self.show_progress(None, works=False)
        self.frame.show()

    @property
    def is_seen(self) -> bool:
        """Whether the person sees the bar."""
        return self._module is not None and bool(self._module.isEntered) and not self.frame.isHidden()

    def close(self) -> None:
        """Take the bar out of sight."""
        self.frame.hide()
        self._overlap.end()

    def accepted(self) -> str:
        """Have the editor overwrite segments as before, as the draft is accepted.

        Returns:
            What to say of it; "" where nothing changes.
        """
        if not self._overlap.end():
            return ""
        return _("Open it again to correct it further: until then, what is drawn in one segment takes from the others.")

    def remove(self) -> None:
        """Take the bar away: the panel is about to go."""
        self.close()
        self._overlap.unfollow()
        self.frame.setParent(None)
        self.frame.deleteLater()

    def say(self, text: str) -> None:
        """Show a text below the buttons."""
        write(self._status, text)
        self._status.setVisible(bool(text))

    def show_progress(self, fraction: float | None, works: bool) -> None:
        """Show how much is done, 0…1; None where only that something is being done is known."""
        for widget in (self._progress, self._cancel):
            widget.setVisible(works)
        self._progress.setRange(0, 0 if fraction is None else 100)
        self._progress.setValue(0 if fraction is None else round(100 * fraction))

    def allow(self, accept: str, flag: str, following: str) -> None:
        """Enable the buttons, or say why not.

        Args:
            accept: Why nothing can be accepted; "" where it can.
            flag: Why the case cannot be put aside; "" where it can.
            following: Why there is no next case; "" where there may be one.
        """
        enable(self.accept, accept)
        enable(self.flag, flag)
        enable(self.following, following)


class _Overlap:
    """Lets the segments of a draft overlap, which is a setting of the Segment Editor that all segmentations share.

    While the person edits the draft, what is drawn in one segment takes nothing from the others. The setting is as before
    whenever they have another segmentation, or none, in the editor, are in another module, or save the scene. What they set
    themselves meanwhile stays.
    """

    def __init__(self) -> None:
        self._parameters: slicer.vtkMRMLSegmentEditorNode | None = None  # the editor's, while a draft may overlap
        self._draft = ""  # the node ID of the draft
        self._before: int | None = None  # how the editor overwrote, while it does not
        self._shown, self._saving = True, False  # whether the editor is shown, and the scene is being saved
        self._observed: list[tuple[Any, int]] = []
        self._selector: Any = None
        self._select = self._selected  # PythonQt lets go of the very object that it was given

    def follow(self, selector: Any) -> None:
        """Hear from Slicer's module selector where the person goes."""
        self._shown = True
        if self._selector is None:
            self._selector = selector
            selector.connect("moduleSelected(QString)", self._select)

    def unfollow(self) -> None:
        """Hear nothing any more."""
        if self._selector is not None:
            self._selector.disconnect("moduleSelected(QString)", self._select)
            self._selector = None

    def begin(self, parameters: slicer.vtkMRMLSegmentEditorNode, draft: slicer.vtkMRMLSegmentationNode) -> None:
        """Let the segments of a draft overlap."""
        self._parameters, self._draft = parameters, draft.GetID()
        scene = slicer.mrmlScene
        for node, event, heard in (
            (parameters, vtk.vtkCommand.ModifiedEvent, self._update),
            (scene, scene.StartSaveEvent, lambda *_event: self._save(True)),
            (scene, scene.EndSaveEvent, lambda *_event: self._save(False)),
        ):
            self._observed.append((node, node.AddObserver(event, heard)))
        self._update()

    def end(self) -> bool:
        """Leave the setting as it was; whether the segments of a draft could overlap until now."""
        for node, tag in self._observed:
            node.RemoveObserver(tag)
        self._observed.clear()
        self._put_back()
        could = self._parameters is not None
        self._parameters, self._draft = None, ""
        return could

    def _selected(self, module: str) -> None:
        self._shown = module == EDITOR
        self._update()

    def _save(self, begins: bool) -> None:
        self._saving = begins
        self._update()

    def _update(self, *_event: object) -> None:
        """Have the setting as it is to be by what is edited and shown now."""
        if self._parameters is None:
            return
        edited = self._parameters.GetSegmentationNode()
        if edited is None or edited.GetID() != self._draft or not self._shown or self._saving:
            self._put_back()
        elif self._before is None:
            self._before = self._parameters.GetOverwriteMode()
            self._parameters.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)

    def _put_back(self) -> None:
        if self._parameters is None or self._before is None:
            return
        mode, self._before = self._before, None
        if self._parameters.GetOverwriteMode() == slicer.vtkMRMLSegmentEditorNode.OverwriteNone:
            self._parameters.SetOverwriteMode(mode)


def _button(text: str, tooltip: str) -> Any:
    button = qt.QPushButton(text)
    button.setToolTip(tooltip)
    button.setAccessibleName(tooltip)
    return button
