"""Section 1: the source model and its card."""

from __future__ import annotations

import html
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.processes import Command, last_sentence
from TransferSegGui.section import Section, chosen, failing, fill
from TransferSegLib.errors import InputError
from TransferSegLib.sources.card import ModelCard
from TransferSegLib.sources.catalogue import SourceFolder, broken_sources, find_source, list_sources, user_folder
from TransferSegLib.sources.downloads import Download, facts, list_downloads


class SourceSection(Section):
    def connect(self) -> None:
        self._adding: Command | None = None
        self.ui.sourceModelComboBox.connect("currentIndexChanged(int)", self._choose)
        self.ui.addModelButton.connect("clicked(bool)", self._ask_for_model)
        self.ui.downloadModelButton.connect("clicked(bool)", self.download)
        self.ui.modelsFolderButton.connect("clicked(bool)", self._open_models_folder)
        self.ui.modelsFolderButton.setToolTip(_("Your own models live in {folder}").format(folder=user_folder()))
        self.list_again()

    def list_again(self) -> None:
        """Look what models there are, and which can be downloaded."""
        self._sources = list_sources()
        problems = [broken.problem for broken in broken_sources()]
        try:
            self._downloads = {entry.name: entry for entry in list_downloads()}
        except InputError as error:
            self._downloads = {}
            problems.append(str(error))
        self.say("\n".join(problems))

    def refresh(self) -> None:
        if self.parameters is None:
            return
        if not self.parameters.source and self._sources:
            self.parameters.source = self._sources[0].card.name
        elsewhere = _("To download: {title}")
        entries = [(source.card.title, source.card.name) for source in self._sources]
        entries += [(elsewhere.format(title=entry.title), entry.name) for entry in self._downloads.values()]
        fill(self.ui.sourceModelComboBox, entries, self.parameters.source)
        self.ui.sourceModelComboBox.setToolTip(self.parameters.source)
        source, entry = self.source(), self._downloads.get(self.parameters.source)
        shown = card_html(source) if source else download_html(entry) if entry else ""
        if not shown and self.parameters.source:
            self.say(
                _("The model `{name}` is not on this computer; choose another.").format(name=self.parameters.source)
            )
        if self.ui.modelCardTextBrowser.property("card") != shown:
            self.ui.modelCardTextBrowser.setProperty("card", shown)
            self.ui.modelCardTextBrowser.setHtml(shown)
        self.ui.downloadModelButton.setVisible(source is None and entry is not None)
        self.ui.downloadModelButton.setEnabled(self._adding is None)

    def source(self) -> SourceFolder | None:
        """The model that is chosen, where it is there."""
        try:
            return find_source(self.parameters.source) if self.parameters and self.parameters.source else None
        except InputError:
            return None

    def add(self, model: Path, name: str = "") -> None:
        """Check a model, a job's adapted model, a MONAI bundle or a nnU-Net model, and copy it to the person's own."""
        own = model.is_dir() and ((model / "card.json").exists() or (model / "job.json").exists())
        self._run(
            ["add" if own else "import", str(model), *(["--name", name] if name else [])], _("Checking the model…")
        )

    def download(self) -> None:
        """Download the model that is chosen; its licence and size stand on its card."""
        with failing(_("The model could not be downloaded.")):
            self._run(["download", self.parameters.source], _("Downloading…"))

    def say(self, text: str) -> None:
        """Show a sentence under the card."""
        self.ui.modelStatusLabel.setText(text)
        self.ui.modelStatusLabel.setVisible(bool(text))

    def cleanup(self) -> None:
        if self._adding is not None:
            self._adding.stop()

    def _run(self, arguments: list[str], meanwhile: str) -> None:
        if not self.module.ensure_packages():
            return

        def ended(code: int, output: str, errors: str) -> None:
            self._adding = None
            if not code:
                self.list_again()
            self.say(last_sentence(errors) if code else output.strip().partition("\n")[0])
            self.module.refresh()

        self.say(meanwhile)
        self._adding = Command(["sources", *arguments], ended, self.say)
        self.ui.downloadModelButton.setEnabled(False)

    def _choose(self, _index: int) -> None:
        name = chosen(self.ui.sourceModelComboBox)
        if name and self.parameters is not None:
            self.parameters.source = name

    def _ask_for_model(self) -> None:
        kinds = _("Models (card.json, MONAI bundle, nnU-Net) (card.json metadata.json plans.json *.zip)")
        file = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("A model"), "", kinds)
        # PySide gives the filter too.
        path = file if isinstance(file, str) else file[0]
        if path:
            with failing(_("The model could not be added.")):
                self.add(model_of(Path(path)))

    def _open_models_folder(self) -> None:
        with failing(_("The folder could not be opened.")):
            user_folder().mkdir(parents=True, exist_ok=True)
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(user_folder())))


def model_of(file: Path) -> Path:
    """The model that a file belongs to: an archive is one itself, a bundle has its `metadata.json` in `configs`."""
    if file.suffix.lower() == ".zip":
        return file
    return file.parents[1] if file.name == "metadata.json" else file.parent


def download_html(entry: Download) -> str:
    """What is known of a model before it is downloaded."""
    return _page(entry.title, _("Press Download to get this model."), list(facts(entry).items()))


def card_html(source: SourceFolder) -> str:
    """A model's card as a page for the panel."""
    card = source.card
    spacing = card.preparation.spacing_mm
    uses = {True: _("allowed"), False: _("not allowed"), None: _("see the licence")}[card.commercial_use]
    facts_of_card = [
        (_("Segments"), ", ".join(card.label_names)),
        (_("Images"), f"{card.modality}, {card.body_part}"),
        (_("Trained on"), card.trained_on),
        (_("Known scores"), _scores(card)),
        (_("Voxels"), " × ".join(f"{mm:g}" for mm in spacing) + " mm" if spacing else _("as in the image")),
        (_("Licence"), _("{licence}; commercial use: {uses}").format(licence=card.licence, uses=uses)),
        (_("Citation"), card.citation),
        (_("Folder"), str(source.folder)),
    ]
    return _page(card.title, card.description, facts_of_card)


def _page(title: str, text: str, rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td style='padding-right:8px'><i>{html.escape(name)}</i></td><td>{html.escape(value)}</td></tr>"
        for name, value in rows
        if value
    )
    return f"<b>{html.escape(title)}</b><p>{html.escape(text)}</p><table>{cells}</table>"


def _scores(card: ModelCard) -> str:
    known = [score for score in card.scores if score.dice is not None]
    parts = [f"{score.label} {score.dice:.2f}" for score in known]
    return _("Dice {values} ({how})").format(values=", ".join(parts), how=known[0].how) if known else ""
