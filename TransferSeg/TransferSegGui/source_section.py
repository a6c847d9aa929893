"""Step 1: the source model and its card."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.dependencies import packages_of_model
from TransferSegGui.offers import Found, Offer, card_html, list_offers, search
from TransferSegGui.processes import Command, problem_in, progress_in
from TransferSegGui.section import StepSection, chosen, failing, fill, say
from TransferSegGui.words import error_text, problem_text, said_problem
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import broken_sources, find_source, free_name, user_folder
from TransferSegLib.sources.downloads import broken_downloads
from TransferSegLib.sources.finding import Filter
from TransferSegLib.sources.folder import CARD_FILE, WEIGHTS_FILES, SourceFolder
from TransferSegLib.sources.kinds import CHECKPOINT_SUFFIXES, FOREIGN_KINDS, is_foreign_model
from TransferSegLib.sources.untrusted.file_kinds import check_kind, is_archive

# Largest width of the opened list of models, and the space beside its texts, in pixels.
WIDEST, MARGIN = 1000, 40


class SourceSection(StepSection):
    """Lists the source models, shows the card of the chosen one, and adds and downloads models."""

    def connect(self) -> None:
        """Connect the widgets of this section, and list the models."""
        self.header = self.ui.sourceModelSection
        self._adding: Command | None = None
        self._downloads = False  # whether that command is a download
        self._lacking = False
        self._filters = self._filter_menu()
        self.ui.modelSearchLineEdit.connect("textChanged(QString)", lambda _text: self.refresh())
        self.ui.modelSearchLineEdit.connect("returnPressed()", self._open_list)
        self.ui.cancelModelButton.connect("clicked(bool)", self.cancel)
        self.ui.sourceModelComboBox.connect("currentIndexChanged(int)", self._choose)
        self.ui.addModelButton.connect("clicked(bool)", self._ask_for_model)
        self.ui.downloadModelButton.connect("clicked(bool)", self.download)
        self.ui.modelsFolderButton.connect("clicked(bool)", self._open_models_folder)
        self.ui.modelsFolderButton.setToolTip(_("Your own models live in {folder}").format(folder=user_folder()))
        self.ui.sourceModelComboBox.elideMode = qt.Qt.ElideRight
        self.list_again()

    def list_again(self) -> None:
        """Find the models on this computer and those that can be downloaded."""
        self._offers = {offer.name: offer for offer in list_offers()}
        self._found: tuple[object, Found] | None = None  # what was last looked for, and found
        self._broken = "\n".join(problem_text(broken.problem) for broken in [*broken_sources(), *broken_downloads()])
        self.say(self._broken)

    def refresh(self) -> None:
        """Show the chosen model's card."""
        if not self.has_parameters:
            return
        if not self.parameters.source and self._offers:
            self.parameters.source = next(iter(self._offers))
        offer = self._offers.get(self.parameters.source)
        listed = self._searched(offer)
        entries = [(one.line, one.name) for one in listed]
        fill(self.ui.sourceModelComboBox, entries, self.parameters.source)
        # The list that opens may be wider than the panel: each line says what its model is for.
        view = self.ui.sourceModelComboBox.view()
        metrics = qt.QFontMetrics(view.font)
        longest = max((metrics.horizontalAdvance(text) for text, _name in entries), default=0)
        view.setMinimumWidth(min(WIDEST, longest + MARGIN))
        for n, one in enumerate(listed):
            self.ui.sourceModelComboBox.setItemData(n, one.page, qt.Qt.ToolTipRole)
        source = self.source()
        shown = card_html(source) if source else offer.page if offer else ""
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
        get = offer.get if offer is not None and source is None else ""
        self.ui.downloadModelButton.text = _("Take in") if get and offer and offer.is_here else _("Download")
        self.ui.downloadModelButton.setVisible(bool(get) and self._adding is None)
        for widget in (self.ui.modelProgressBar, self.ui.cancelModelButton):
            widget.setVisible(self._adding is not None)

    def _searched(self, chosen_offer: Offer | None) -> list[Offer]:
        """The models that are looked for; the chosen one stays in the list."""
        checked = {name for name, action in self._filters.items() if action.checked}
        words = self.ui.modelSearchLineEdit.text
        modality = next((name for name in ("ct", "mr") if name in checked), "")
        wanted = Filter(words, modality=modality, commercial="commercial" in checked)
        if self._found is None or self._found[0] != (wanted, "here" in checked):
            self._found = (wanted, "here" in checked), search(self._offers.values(), wanted, "here" in checked)
        found = {offer.name: labels for offer, labels in self._found[1]}
        listed = [offer for offer, _labels in self._found[1]]
        # The button says that the list is not all there is.
        self.ui.modelFilterButton.text = _("Filter ({count})").format(count=len(checked)) if checked else _("Filter")
        text = ""
        if words.strip() or checked:
            text = _("{count} models found").format(count=len(found))
            if labels := found.get(chosen_offer.name) if chosen_offer else None:
                text = _("{found}; this one has {labels}").format(found=text, labels=", ".join(labels))
            if not found:
                text = _("No model is like that. Other words, or fewer filters?")
        say(self.ui.modelSearchLabel, text)
        return listed if chosen_offer is None or chosen_offer.name in found else [chosen_offer, *listed]

    def _filter_menu(self) -> dict[str, qt.QAction]:
        """Put the filters into the menu of their button."""
        menu = qt.QMenu(self.ui.modelFilterButton)
        names = {
            "here": _("On this computer"),
            "ct": _("CT"),
            "mr": _("MR"),
            "commercial": _("Commercial use allowed"),
        }
        actions = {}
        for name, text in names.items():
            action = menu.addAction(text)
            action.checkable = True
            action.connect("toggled(bool)", lambda is_on, name=name: self._toggled(name, is_on))
            actions[name] = action
        self.ui.modelFilterButton.setMenu(menu)
        return actions

    def _toggled(self, name: str, is_on: bool) -> None:
        other = {"ct": "mr", "mr": "ct"}.get(name)
        if is_on and other:  # a model is for one of them
            self._filters[other].setChecked(False)
        self.refresh()

    def _open_list(self) -> None:
        if self.ui.modelSearchLineEdit.text.strip():
            self.ui.sourceModelComboBox.showPopup()

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
        """Download the chosen model, whose licence and size are on its card, or take it in from another program."""
        with failing(_("The model could not be downloaded.")):
            offer = self._offers[self.parameters.source]
            meanwhile = _("Checking the model…") if offer.is_here else _("Downloading…")
            self._run([offer.get, offer.name], meanwhile, offer.packages)

    def cancel(self) -> None:
        """Stop the command that adds or downloads a model; what was downloaded stays."""
        if self._adding is None:
            return
        downloads = self._downloads
        self._adding.stop()
        self._adding = None
        kept = _("Cancelled. What was downloaded is kept, and Download goes on from there.")
        self.say(kept if downloads else _("Cancelled."))
        self.module.refresh_later()

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
                "card-not-chosen",
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
            if not code and chosen_offer and self.has_parameters:
                self.parameters.source = json.loads(output)["name"]  # what was got is what was wanted
            show(problem_text(problem_in(errors)) if code else kept_text(output))
            self.module.refresh_later()

        def said(line: str) -> None:
            if told := progress_in(line):
                self.ui.modelProgressBar.setRange(0, 100)
                self.ui.modelProgressBar.setValue(round(100 * told[0]))
                show(problem_text(told[1]))
            elif arguments[0] == "download" and not line.startswith("{"):  # so much of it is here
                show(line)

        chosen_offer = arguments[-1] in self._offers
        show(meanwhile)
        self._downloads = arguments[0] == "download"
        self._adding = Command(["sources", *arguments, "--json"], ended, said)
        self.ui.modelProgressBar.setRange(0, 0)
        self.refresh()

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
    return "\n".join([*lines, *(problem_text(Problem.from_json(note)) for note in facts["findings"])])


def _ask_for_file(title: str, kinds: str) -> Path | None:
    file = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), title, "", kinds)
    # PySide, which stands in for Slicer's Qt in the tests, returns the filter as well.
    path = file if isinstance(file, str) else file[0]
    return Path(path) if path else None
