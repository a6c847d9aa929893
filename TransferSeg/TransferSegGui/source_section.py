"""Step 1: the source model and its card."""

from __future__ import annotations

import html
import json
import urllib.parse
from collections.abc import Callable, Sequence
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.dependencies import packages_of_model
from TransferSegGui.processes import Command, problem_in, progress_in
from TransferSegGui.section import Section, chosen, failing, fill, say
from TransferSegGui.words import error_text, images_words, problem_text, said_problem, with_quotation_marks
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.licences import use_in_words
from TransferSegLib.sources.catalogue import broken_sources, find_source, free_name, list_sources, user_folder
from TransferSegLib.sources.downloads import Download, broken_downloads, list_downloads
from TransferSegLib.sources.folder import CARD_FILE, WEIGHTS_FILES, SourceFolder
from TransferSegLib.sources.kinds import CHECKPOINT_SUFFIXES, FOREIGN_KINDS, is_foreign_model
from TransferSegLib.sources.untrusted.file_kinds import check_kind, is_archive

# Largest width of the opened list of models, and the space beside its texts, in pixels.
WIDEST, MARGIN = 1000, 40


class SourceSection(Section):
    """Lists the source models, shows the card of the chosen one, and adds and downloads models."""

    def connect(self) -> None:
        """Connect the widgets of this section, and list the models."""
        self._adding: Command | None = None
        self._lacking = False
        self.ui.sourceModelComboBox.connect("currentIndexChanged(int)", self._choose)
        self.ui.addModelButton.connect("clicked(bool)", self._ask_for_model)
        self.ui.downloadModelButton.connect("clicked(bool)", self.download)
        self.ui.modelsFolderButton.connect("clicked(bool)", self._open_models_folder)
        self.ui.modelsFolderButton.setToolTip(_("Your own models live in {folder}").format(folder=user_folder()))
        self.ui.sourceModelComboBox.elideMode = qt.Qt.ElideRight
        self.list_again()

    def list_again(self) -> None:
        """Find the models on this computer and those that can be downloaded."""
        self._sources = list_sources()
        self._downloads = {entry.name: entry for entry in list_downloads()}
        self._pages = [*map(card_html, self._sources), *map(download_html, self._downloads.values())]
        elsewhere = _("To download: {title}")
        self._entries = [(source_line(source), source.card.name) for source in self._sources]
        self._entries += [(elsewhere.format(title=line(entry)), name) for name, entry in self._downloads.items()]
        self._broken = "\n".join(problem_text(broken.problem) for broken in [*broken_sources(), *broken_downloads()])
        self.say(self._broken)

    def refresh(self) -> None:
        """Show the chosen model's card."""
        if not self.has_parameters:
            return
        if not self.parameters.source and self._sources:
            self.parameters.source = self._sources[0].card.name
        fill(self.ui.sourceModelComboBox, self._entries, self.parameters.source)
        # The list that opens may be wider than the panel: each line says what its model is for.
        view = self.ui.sourceModelComboBox.view()
        metrics = qt.QFontMetrics(view.font)
        longest = max((metrics.horizontalAdvance(text) for text, _name in self._entries), default=0)
        view.setMinimumWidth(min(WIDEST, longest + MARGIN))
        for n, page in enumerate(self._pages):
            self.ui.sourceModelComboBox.setItemData(n, page, qt.Qt.ToolTipRole)
        source, entry = self.source(), self._downloads.get(self.parameters.source)
        shown = card_html(source) if source else download_html(entry) if entry else ""
        self.ui.sourceModelComboBox.setToolTip(shown or self.parameters.source)
        lacking = not shown and bool(self.parameters.source)
        if lacking:
            self.say(
                _("The model “{name}” is not on this computer; choose another.").format(name=self.parameters.source)
            )
        elif self._lacking:
            self.say(self._broken)
        self._lacking = lacking
        if self.ui.modelCardTextBrowser.property("card") != shown:
            self.ui.modelCardTextBrowser.setProperty("card", shown)
            self.ui.modelCardTextBrowser.setHtml(shown)
        self.ui.downloadModelButton.setVisible(source is None and entry is not None)
        self.ui.downloadModelButton.setEnabled(self._adding is None)

    def source(self) -> SourceFolder | None:
        """The chosen model; None where it is not on this computer."""
        if not self.has_parameters or not self.parameters.source:
            return None
        try:
            return find_source(self.parameters.source)
        except InputError:
            return None

    def summary(self) -> str:
        """The chosen model's name, and where it is not on this computer, that."""
        if not self.has_parameters:
            return ""
        name, here = self.parameters.source, self.source() is not None
        return name if here or not name else _("{name}, not on this computer").format(name=name)

    def add(self, model: Path, name: str = "", say: Callable[[str], None] | None = None) -> None:
        """Check a model and copy it to the person's own models.

        Args:
            model: A model's folder, a job, a MONAI bundle, an nnU-Net model, or a checkpoint. A checkpoint of a bundle or of
                one of nnU-Net's folds chooses these weights of that model. Any other needs a card that says what it is:
                `card.json` beside it, or one that the person chooses in a dialog.
            name: Its name from now on; else the name in its card.
            say: Shows how that goes; None shows it under the card.
        """
        if name:
            try:
                free_name(name)  # at once, where a process would look at the whole model first
            except InputError as error:
                (say or self.say)(error_text(error))
                return
        own = model.is_dir() and ((model / CARD_FILE).exists() or (model / "job.json").exists())
        arguments = ["add" if own else "import", str(model), *(["--name", name] if name else [])]
        described = model
        if model.is_file():
            check_kind(model)
        if model.is_file() and is_foreign_model(model.parents[1]):
            described = model.parents[1]
        elif model.is_file() and model.suffix.lower() in CHECKPOINT_SUFFIXES and not is_archive(model):
            card = self._card_of(model)
            arguments += ["--card", str(card)]
            described = card.parent
        self._run(arguments, _("Checking the model…"), packages_of_model(described), say)

    def download(self) -> None:
        """Download the chosen model, whose licence and size are on its card."""
        with failing(_("The model could not be downloaded.")):
            self._run(["download", self.parameters.source], _("Downloading…"))

    def say(self, text: str) -> None:
        """Show a text under the card."""
        say(self.ui.modelStatusLabel, text)

    def cleanup(self) -> None:
        """Stop the command that adds or downloads a model."""
        if self._adding is not None:
            self._adding.stop()

    def _card_of(self, checkpoint: Path) -> Path:
        """The card of bare weights: the one beside them, else the one that the person chooses."""
        beside = checkpoint.with_name(CARD_FILE)
        chosen_card = (
            beside if beside.is_file() else _ask_for_file(_("The card of these weights"), "card.json (card.json)")
        )
        if chosen_card is None:
            raise InputError(
                "weights-without-card",
                "{path}: bare weights need a card that says what they are; put a card.json beside them.",
                path=checkpoint,
            )
        return chosen_card

    def _run(
        self,
        arguments: list[str],
        meanwhile: str,
        own: Sequence[str] = (),
        say: Callable[[str], None] | None = None,
    ) -> None:
        show = say or self.say
        if self._adding is not None:
            show(_("Another model is being added; try again when it is there."))
            return
        if not self.module.ensure_packages(own):
            return

        def ended(code: int, output: str, errors: str) -> None:
            self._adding = None
            if not code:
                self.list_again()
            show(problem_text(problem_in(errors)) if code else kept_text(output))
            self.module.refresh_later()

        def said(line: str) -> None:
            if told := progress_in(line):
                show(problem_text(told[1]))
            elif arguments[0] == "download" and not line.startswith("{"):  # so much of it is here
                show(line)

        show(meanwhile)
        self._adding = Command(["sources", *arguments, "--json"], ended, said)
        self.ui.downloadModelButton.setEnabled(False)

    def _choose(self, _index: int) -> None:
        name = chosen(self.ui.sourceModelComboBox)
        if name and self.has_parameters:
            self.parameters.source = name

    def _ask_for_model(self) -> None:
        kinds = _("Models: card, MONAI bundle, nnU-Net, checkpoint ({patterns})")
        names = [CARD_FILE, *(kind.file.name for kind in FOREIGN_KINDS)]
        patterns = [*names, "*.zip", *(f"*{ending}" for ending in CHECKPOINT_SUFFIXES)]
        file = _ask_for_file(_("A model"), kinds.format(patterns=" ".join(patterns)))
        if file is not None:
            with failing(_("The model could not be added.")):
                self.add(model_of(file))

    def _open_models_folder(self) -> None:
        with failing(_("The folder could not be opened.")):
            user_folder().mkdir(parents=True, exist_ok=True)
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(user_folder())))


def model_of(file: Path) -> Path:
    """The model that a file belongs to.

    Args:
        file: A file that the person chose. An archive is a model itself; the `metadata.json` of a bundle is in its folder
            `configs`; a checkpoint may be part of any model, or a model by itself.

    Returns:
        The model's folder, its archive, or the checkpoint: a model may have several, such as those of nnU-Net's folds.
    """
    ending = file.suffix.lower()
    if ending == ".zip":
        return file
    for kind in FOREIGN_KINDS:
        if file.name == kind.file.name:
            return file.parents[len(kind.file.parts) - 1]
    if ending not in CHECKPOINT_SUFFIXES or is_foreign_model(file.parent):
        return file.parent
    return file.parent if file.name in WEIGHTS_FILES and file.with_name(CARD_FILE).exists() else file


def kept_text(output: str) -> str:
    """What the panel says of a model that was added or downloaded.

    Args:
        output: What `transferseg sources add`, `import` or `download` printed with `--json`.
    """
    facts = json.loads(output)
    lines = [_("“{name}” ({title}) is now in {folder}.").format(**{k: facts[k] for k in ("name", "title", "folder")})]
    if facts["weights"]:
        lines.append(problem_text(said_problem(facts["weights"], "sentence")))
    return "\n".join([*lines, *map(with_quotation_marks, facts["notes"])])


def _ask_for_file(title: str, kinds: str) -> Path | None:
    file = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), title, "", kinds)
    # PySide, which stands in for Slicer's Qt in the tests, returns the filter as well.
    path = file if isinstance(file, str) else file[0]
    return Path(path) if path else None


def source_line(source: SourceFolder) -> str:
    """A model on this computer in one line; one of the person's own begins with the name that they gave it."""
    own = source.origin == "user" and source.card.name != source.card.title
    return " · ".join([source.card.name] * own + [line(source.card)])


def line(model: ModelCard | Download) -> str:
    """A model in one line: title, images, segments, licence, and its known Dice."""
    names = model.label_names if isinstance(model, ModelCard) else model.labels
    segments = ", ".join(names) if len(names) <= 4 else _("{count} segments").format(count=len(names))
    dice = model.mean_dice if isinstance(model, ModelCard) else None
    facts = [
        model.title,
        images_words(model.modality, model.body_part),
        segments,
        model.licence.partition(";")[0],
        _("commercial use NOT allowed") if model.commercial_use is False else "",
        "" if dice is None else _("Dice {value:.2f}").format(value=dice),
    ]
    return " · ".join(filter(None, facts))


def download_html(entry: Download) -> str:
    """A model that can be downloaded, as a page for the panel."""
    size = (
        _("{size:.1f} MB").format(size=entry.size_bytes / 1e6) if entry.size_bytes else _("not stated by its publisher")
    )
    kind, digest = entry.sum
    rows = [
        (_("Licence"), _licence(entry.licence, entry.commercial_use)),
        (_("Size"), size),
        (_("Segments"), ", ".join(entry.labels)),
        (_("Images"), images_words(entry.modality, entry.body_part)),
        (_("From"), _short(entry.url)),
        (_("Checksum"), f"{kind.upper()} {digest[:16]}…"),
        (_("Citation"), entry.citation),
    ]
    return _page(entry.title, _("Press Download to get this model."), rows)


def card_html(source: SourceFolder) -> str:
    """A model's card as a page for the panel."""
    card = source.card
    spacing = card.preprocessing.spacing_mm
    rows = [
        (_("Licence"), _licence(card.licence, card.commercial_use)),
        (_("Segments"), ", ".join(card.label_names)),
        (_("Images"), images_words(card.modality, card.body_part)),
        (_("Trained on"), card.trained_on),
        (_("Known scores"), _scores(card)),
        (_("Voxels"), " × ".join(f"{mm:g}" for mm in spacing) + " mm" if spacing else _("as in the image")),
        (_("Citation"), card.citation),
        (_("Folder"), str(source.folder)),
    ]
    own = source.origin == "user" and card.name != card.title
    return _page(f"{card.name}: {card.title}" if own else card.title, card.description, rows)


def _licence(licence: str, commercial_use: bool | None) -> str:
    words = {"allowed": _("allowed"), "NOT allowed": _("NOT allowed"), "unknown": _("unknown")}
    uses = words.get(use_in_words(licence, commercial_use), _("see the licence"))
    return _("{licence}; commercial use: {uses}").format(licence=licence or _("not stated"), uses=uses)


def _short(url: str) -> str:
    """An address by its server and the end of its path."""
    parts = urllib.parse.urlsplit(url)
    *folders, name = parts.path.strip("/").split("/")
    return f"{parts.netloc}{'/…' if folders else ''}/{name}"


def _page(title: str, text: str, rows: list[tuple[str, str]]) -> str:
    """A page in HTML. The text, which may be long, comes last, so that the licence is seen without scrolling."""
    cells = "".join(
        f"<tr><td style='padding-right:8px'><i>{html.escape(name)}</i></td><td>{html.escape(value)}</td></tr>"
        for name, value in rows
        if value
    )
    return f"<b>{html.escape(title)}</b><table>{cells}</table><p>{html.escape(text)}</p>"


def _scores(card: ModelCard) -> str:
    return "; ".join(
        _("Dice {values} ({how})").format(values=", ".join(f"{s.label} {s.dice:.2f}" for s in scores), how=how)
        for how, scores in card.scores_by_how.items()
    )
