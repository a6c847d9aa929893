"""Section 1: the source model and its card."""

from __future__ import annotations

import html

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.processes import Command, last_sentence
from TransferSegGui.section import Section, chosen, failing, fill
from TransferSegLib.errors import InputError
from TransferSegLib.sources.card import ModelCard
from TransferSegLib.sources.catalogue import SourceFolder, broken_sources, find_source, list_sources, user_folder


class SourceSection(Section):
    def connect(self) -> None:
        self._adding: Command | None = None
        self.ui.sourceModelComboBox.connect("currentIndexChanged(int)", self._choose)
        self.ui.addModelButton.connect("clicked(bool)", self._ask_for_model)
        self.ui.modelsFolderButton.connect("clicked(bool)", self._open_models_folder)
        self.ui.modelsFolderButton.setToolTip(_("Your own models live in {folder}").format(folder=user_folder()))
        self.list_again()

    def list_again(self) -> None:
        """Look what models there are."""
        self._sources = list_sources()
        problems = [broken.problem for broken in broken_sources()]
        self.say("\n".join(problems))

    def refresh(self) -> None:
        if self.parameters is None:
            return
        if not self.parameters.source and self._sources:
            self.parameters.source = self._sources[0].card.name
        entries = [(f"{source.card.title} ({source.card.name})", source.card.name) for source in self._sources]
        fill(self.ui.sourceModelComboBox, entries, self.parameters.source)
        source = self.source()
        shown = "" if source is None else card_html(source)
        if source is None and self.parameters.source:
            self.say(
                _("The model `{name}` is not on this computer; choose another.").format(name=self.parameters.source)
            )
        if self.ui.modelCardTextBrowser.property("card") != shown:
            self.ui.modelCardTextBrowser.setProperty("card", shown)
            self.ui.modelCardTextBrowser.setHtml(shown)

    def source(self) -> SourceFolder | None:
        """The model that is chosen, where it is there."""
        try:
            return find_source(self.parameters.source) if self.parameters and self.parameters.source else None
        except InputError:
            return None

    def add(self, folder: str, name: str = "") -> None:
        """Check a model, or a job's adapted model, and copy it to the person's own; it takes a process of its own."""
        if not self.module.ensure_packages():
            return
        arguments = ["sources", "add", str(folder), *(["--name", name] if name else [])]

        def ended(code: int, output: str, errors: str) -> None:
            self._adding = None
            if code:
                self.say(last_sentence(errors))
                return
            self.list_again()
            self.say(output.strip())
            self.module.refresh()

        self.say(_("Checking the model…"))
        self._adding = Command(arguments, ended)

    def say(self, text: str) -> None:
        """Show a sentence under the card."""
        self.ui.modelStatusLabel.setText(text)
        self.ui.modelStatusLabel.setVisible(bool(text))

    def cleanup(self) -> None:
        if self._adding is not None:
            self._adding.stop()

    def _choose(self, _index: int) -> None:
        name = chosen(self.ui.sourceModelComboBox)
        if name and self.parameters is not None:
            self.parameters.source = name

    def _ask_for_model(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("A model's folder, or a job's"))
        if folder:
            with failing(_("The model could not be added.")):
                self.add(folder)

    def _open_models_folder(self) -> None:
        with failing(_("The folder could not be opened.")):
            user_folder().mkdir(parents=True, exist_ok=True)
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(user_folder())))


def card_html(source: SourceFolder) -> str:
    """A model's card as a page for the panel."""
    card = source.card
    spacing = card.preparation.spacing_mm
    uses = {True: _("allowed"), False: _("not allowed"), None: _("see the licence")}[card.commercial_use]
    facts = [
        (_("Segments"), ", ".join(card.label_names)),
        (_("Images"), f"{card.modality}, {card.body_part}"),
        (_("Trained on"), card.trained_on),
        (_("Known scores"), _scores(card)),
        (_("Voxels"), " × ".join(f"{mm:g}" for mm in spacing) + " mm" if spacing else _("as in the image")),
        (_("Licence"), _("{licence}; commercial use: {uses}").format(licence=card.licence, uses=uses)),
        (_("Citation"), card.citation),
        (_("Folder"), str(source.folder)),
    ]
    rows = "".join(
        f"<tr><td style='padding-right:8px'><i>{html.escape(name)}</i></td><td>{html.escape(value)}</td></tr>"
        for name, value in facts
        if value
    )
    return f"<b>{html.escape(card.title)}</b><p>{html.escape(card.description)}</p><table>{rows}</table>"


def _scores(card: ModelCard) -> str:
    known = [score for score in card.scores if score.dice is not None]
    parts = [f"{score.label} {score.dice:.2f}" for score in known]
    return _("Dice {values} ({how})").format(values=", ".join(parts), how=known[0].how) if known else ""
