"""What the list of source models offers: models that are here, in parts, of other programs, and to download."""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from slicer.i18n import tr as _

from TransferSegGui.words import images_words, problem_text
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.licences import use_in_words
from TransferSegLib.core.model_warnings import is_of_stopped_job, model_warnings
from TransferSegLib.sources.catalogue import list_in_parts, list_sources
from TransferSegLib.sources.downloads import Download, list_elsewhere
from TransferSegLib.sources.finding import Filter, Model, find
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.found_here import FoundModel, is_found, list_found
from TransferSegLib.sources.in_parts import InParts
from TransferSegLib.sources.kinds import NNUNET


@dataclass(frozen=True)
class Offer:
    """A line of the list.

    Attributes:
        name: The model's name.
        line: What the list shows.
        page: What the model is, as a page.
        model: What is searched in.
        get: How it comes among the person's own models: by a download, or taken in from another program on this computer; ""
            where it is there, or cannot be used.
        is_here: Whether it is on this computer.
        packages: The packages that its network needs beside those that all need.
    """

    name: str
    line: str
    page: str
    model: Model
    get: Literal["", "download", "import"] = ""
    is_here: bool = False
    packages: Sequence[str] = ()


# Offers with the labels that the words were found in.
Found = list[tuple[Offer, tuple[str, ...]]]


def list_offers() -> list[Offer]:
    """List what is on this computer, then what can be downloaded, then what cannot be used yet."""
    found = list_found()
    own = {source.card.name for source in list_sources()}
    elsewhere = list_elsewhere()
    wholes = {entry.name: entry.files() for entry in elsewhere if entry.parts and is_found(entry, found)}
    told = own | {file.name for files in wholes.values() for file in files}
    found = [model for model in found if model.name not in told]
    names = {model.name for model in found}
    offers = [_here(source) for source in list_sources()]
    offers += [_in_parts(whole) for whole in list_in_parts()]
    offers += [_found(model) for model in found]
    listed = [_elsewhere(entry, entry.name in wholes) for entry in elsewhere if entry.name not in names]
    return [*offers, *sorted(listed, key=lambda offer: (not offer.is_here, not offer.get))]


def search(offers: Iterable[Offer], wanted: Filter, here: bool = False) -> Found:
    """The offers that somebody looks for. What cannot be used is shown only to who searches.

    Args:
        offers: What there is.
        wanted: What to look for.
        here: Whether only models on this computer are wanted.

    Returns:
        Each offer, with the labels that the words were found in.
    """
    left = [offer for offer in offers if offer.is_here or not here]
    if wanted.is_empty:
        return [(offer, ()) for offer in left if offer.get or offer.is_here]
    by_model = {id(offer.model): offer for offer in left}
    return [(by_model[id(hit.model)], hit.labels) for hit in find((offer.model for offer in left), wanted)]


def _here(source: SourceFolder) -> Offer:
    return Offer(source.card.name, source_line(source), card_html(source), source.card, is_here=True)


def _in_parts(whole: InParts) -> Offer:
    text = _("In {count} parts: {title}").format(count=len(whole.parts), title=line(whole))
    return Offer(whole.name, text, in_parts_html(whole), whole, is_here=True)


def _found(model: FoundModel) -> Offer:
    packages = NNUNET.packages if NNUNET.has(model.folder) else ()
    text = _("Of {program}, on this computer: {title}").format(program=model.program, title=line(model))
    return Offer(model.name, text, found_html(model), model, "import", True, packages)


def _elsewhere(entry: Download, is_here: bool) -> Offer:
    packages = NNUNET.packages if entry.layout == "nnunet" else ()
    title = line(entry)
    if entry.obstacle:
        text = _("Cannot be used yet: {title}").format(title=title)
        return Offer(entry.name, text, download_html(entry), entry)
    text = _("On this computer, of another program: {title}") if is_here else _("To download: {title}")
    return Offer(entry.name, text.format(title=title), download_html(entry), entry, "download", is_here, packages)


def source_line(source: SourceFolder) -> str:
    """A model on this computer in one line; one of the person's own begins with the name that they gave it."""
    own = source.origin == "user" and source.card.name != source.card.title
    return " · ".join([source.card.name] * own + [line(source.card)])


def line(model: Model) -> str:
    """A model in one line: title, images, segments, licence, and its known Dice."""
    names = model.label_names if isinstance(model, ModelCard) else model.labels
    segments = ", ".join(names) if len(names) <= 4 else _("{count} segments").format(count=len(names))
    dice = model.mean_dice if isinstance(model, ModelCard) else None
    facts = [
        model.title,
        images_words(model.modality, model.body_part) if model.modality else "",
        segments,
        model.licence.partition(";")[0],
        _("commercial use NOT allowed") if model.commercial_use is False else "",
        "" if dice is None else _("Dice {value:.2f}").format(value=dice),
        *(_marks(model) if isinstance(model, ModelCard) else ()),
    ]
    return " · ".join(filter(None, facts))


def _marks(card: ModelCard) -> list[str]:
    """What `model_warnings` says of a model, in a few words; its page says it whole."""
    of_stopped_job = [_("of a stopped job")] if is_of_stopped_job(card) else []
    return [*of_stopped_job, *([_("below its source model")] if card.below_source else [])]


def download_html(entry: Download) -> str:
    """A model that can be downloaded, as a page for the panel."""
    size = (
        _("{size:.1f} MB").format(size=entry.total_bytes / 1e6)
        if entry.total_bytes
        else _("not stated by its publisher")
    )
    if entry.sum:
        checksum = f"{entry.sum[0].upper()} {entry.sum[1][:16]}…"
    else:
        checksum = _("not stated by its publisher; what is downloaded first is required later")
    files = entry.files()
    rows = [
        (_("Licence"), _licence(entry.licence, entry.commercial_use)),
        (_("Size"), size),
        (_("Segments"), ", ".join(entry.labels)),
        (_("Images"), images_words(entry.modality, entry.body_part)),
        (_("Parts"), str(len(entry.parts)) if entry.parts else ""),
        (_("From"), _short(files[0].url) if files[0].url else _("its publisher, for a key")),
        (_("Checksum"), checksum),
        (_("Citation"), entry.citation),
    ]
    text = [problem_text(entry.obstacle) if entry.obstacle else _("Press Download to get this model.")]
    if entry.crop_to:
        text.append(
            _("Its publisher first crops images to {region}; what it finds elsewhere means little.").format(
                region=", ".join(entry.crop_to)
            )
        )
    return _page(entry.title, " ".join(text), rows)


def found_html(model: FoundModel) -> str:
    """A model that another program keeps on this computer, as a page for the panel."""
    rows = [
        (_("Licence"), _licence(model.licence, model.commercial_use)),
        (_("Segments"), ", ".join(model.labels)),
        (_("Images"), images_words(model.modality, model.body_part) if model.modality else ""),
        (_("Folder"), str(model.folder)),
        (_("Citation"), model.entry.citation if model.entry else ""),
    ]
    text = _("Press Take in to use this model; its files stay where they are.")
    return _page(model.title, text, rows)


def in_parts_html(whole: InParts) -> str:
    """A model in parts as a page for the panel."""
    rows = [
        (_("Licence"), _licence(whole.licence, whole.commercial_use)),
        (_("Images"), images_words(whole.modality, whole.body_part)),
        *((part.name, ", ".join(part.labels)) for part in whole.parts),
        (_("Citation"), whole.citation),
    ]
    return _page(whole.title, _("One part is adapted at a time: choose the one with your segments in the list."), rows)


def card_html(source: SourceFolder) -> str:
    """A model's card as a page for the panel."""
    card = source.card
    rows = [
        (_("Warning"), " ".join(map(problem_text, model_warnings(card)))),
        (_("Licence"), _licence(card.licence, card.commercial_use)),
        (_("Segments"), ", ".join(card.label_names)),
        (_("Changes labels"), " ".join(f"{problem_text(problem)}." for problem in card.inference.told_of_labels)),
        (_("Images"), images_words(card.modality, card.body_part)),
        (_("Trained on"), card.trained_on),
        (_("Known scores"), _scores(card)),
        (_("Voxels"), _voxels(card)),
        (_("Citation"), card.citation),
        (_("Folder"), str(source.folder)),
    ]
    own = source.origin == "user" and card.name != card.title
    return _page(f"{card.name}: {card.title}" if own else card.title, card.description, rows)


def _voxels(card: ModelCard) -> str:
    """The voxels that a model's images get; a side of the image's own is not a number."""
    spacing = card.preprocessing.spacing_mm
    if spacing is None:
        return _("as in the image")
    return " × ".join(_("own") if mm is None else f"{mm:g}" for mm in spacing) + " mm"


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
