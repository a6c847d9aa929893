"""`transferseg sources`: list, show, add, import, download, export and remove the models that one can start from."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.cli.printing import PROBLEMS_VARIABLE, say, say_of_model
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.card import CardScore, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import times
from TransferSegLib.core.licences import use_in_words
from TransferSegLib.core.model_warnings import is_of_stopped_job, model_warnings
from TransferSegLib.core.preprocessing_words import intensities_in_words, voxels_in_words
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.core.texts import counted
from TransferSegLib.jobs.source_offer import told_of_model
from TransferSegLib.sources.catalogue import (
    broken_sources,
    find_in_parts,
    find_source,
    list_in_parts,
    list_sources,
    remove_source,
    user_folder,
)
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.in_parts import InParts
from TransferSegLib.sources.structures import codes_of

if TYPE_CHECKING:
    from TransferSegLib.sources.downloads import Download
    from TransferSegLib.sources.found_here import FoundModel
    from TransferSegLib.sources.imports.importer import Imported
    from TransferSegLib.sources.mapping import MappingReport

KEPT_AS_JSON = "print the model's card, what became of its weights and notes as JSON"
# The layout of an entry → what other programs are told of its kind.
KINDS = {"nnunet": "nnU-Net", "auto3dseg": "Auto3DSeg", "ctfm": "CT-FM"}
EXAMPLES = """examples:
  transferseg sources list
  transferseg sources show head-t1w
  transferseg sources show jobs/knee/model        the model that a job adapted
  transferseg sources add ~/Downloads/liver-ct --name liver
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `sources`."""
    parser = commands.add_parser(
        "sources",
        help="list, show and add source models",
        description="The models that an adaptation can start from: those that ship, and your own.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(
        dest="action", metavar="list | show | add | import | download | pack | unpack | export | remove", required=True
    )

    listing = actions.add_parser(
        "list",
        help="the models by name, with what they segment; search and filter them",
        description="The models by name: modality, body part, labels, licence and mean known Dice. Those that are here come\n"
        "first, then those that can be downloaded, then those that cannot be used yet, with the reason.",
        epilog="examples:\n"
        "  transferseg sources list --find femur --modality mr\n"
        "  transferseg sources list --body-part abdomen --commercial\n"
        "  transferseg sources list --json | jq '.sources[].name'",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    listing.add_argument(
        "--find",
        default="",
        metavar="WORDS",
        help="models that know a structure, by whatever name, or are called so: femur, `left kidney`, `thigh bone`",
    )
    listing.add_argument(
        "--body-part", default="", metavar="WORDS", help="models for a part of the body, such as abdomen"
    )
    listing.add_argument("--modality", default="", metavar="NAME", help="models for ct, mr, t2w…")
    listing.add_argument("--here", action="store_true", help="models that are on this computer")
    listing.add_argument("--commercial", action="store_true", help="models whose commercial use is allowed")
    listing.add_argument("--json", action="store_true", help="print the list as JSON")
    listing.set_defaults(run=_list)

    showing = actions.add_parser(
        "show",
        help="show what is known of one model: its card",
        description="What a model segments, what it was made from, how good it is known to be, and its licence.",
        epilog="examples:\n  transferseg sources show hippocampus-t1w\n  transferseg sources show ./my-model --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    showing.add_argument("name", metavar="NAME", help="a model's name, its folder, or a job's folder")
    showing.add_argument("--json", action="store_true", help="print the card as JSON")
    showing.set_defaults(run=_show)

    adding = actions.add_parser(
        "add",
        help="copy a model into your own folder of models",
        description=f"Check a model (card, weights, network) and copy it to {user_folder()} (or TRANSFERSEG_MODELS).",
        epilog="example:\n  transferseg sources add ./liver-ct --name liver-ct-v2",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    adding.add_argument(
        "folder", metavar="FOLDER", type=Path, help="holds card.json and weights.safetensors (or .pt); or a job"
    )
    adding.add_argument("--name", help="the name to add it under (default: the one on its card)")
    adding.add_argument("--json", action="store_true", help=KEPT_AS_JSON)
    adding.set_defaults(run=_add)

    packing = actions.add_parser(
        "pack",
        help="write models into one file, for a computer without network",
        description="Write models of your own into one file. `sources unpack` takes them in elsewhere.",
        epilog="example:\n  transferseg sources pack totalsegmentator-total-3mm monai-spleen-ct /media/stick/models.zip",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    packing.add_argument(
        "names", nargs="+", metavar="NAME", help="models of your own; of one in parts, all parts go along"
    )
    packing.add_argument("out", type=Path, metavar="OUT", help="the file, a new one")
    packing.set_defaults(run=_pack)

    unpacking = actions.add_parser(
        "unpack",
        help="take in the models that `sources pack` wrote into a file",
        description="Check every file against its sum, then each model, and keep the models among your own.",
        epilog="example:\n  transferseg sources unpack /media/stick/models.zip",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    unpacking.add_argument("pack", type=Path, metavar="FILE", help="what `sources pack` wrote")
    unpacking.set_defaults(run=_unpack)

    _add_import(actions)
    _add_download(actions)
    _add_export(actions)


def _add_import(actions: argparse._SubParsersAction) -> None:
    importing = actions.add_parser(
        "import",
        help="import another program's model: MONAI bundle, nnU-Net, Auto3DSeg, CT-FM, or bare weights",
        description="Read another program's model as data, and keep it among your own. Nothing in it is executed.\n"
        "What cannot be read safely is refused, and the error names its line.",
        epilog="examples:\n"
        "  transferseg sources import spleen_ct_segmentation_v0.5.9.zip\n"
        "  transferseg sources import Dataset004_Hippocampus/nnUNetTrainer__nnUNetPlans__3d_fullres --fold 0\n"
        "  transferseg sources import Dataset004_Hippocampus.zip --configuration 3d_fullres\n"
        "  transferseg sources import best.pth --card card.json --name knee-mr",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    importing.add_argument(
        "path",
        metavar="MODEL",
        type=Path,
        help="folder, zip, a file of weights (with --card), or the name of a model that `sources list` found here",
    )
    importing.add_argument("--name", help="the name to keep it under (default: from the model)")
    importing.add_argument(
        "--spacing", metavar="I,J,K", type=_spacing, help="voxel size in mm, where the bundle does not write it out"
    )
    importing.add_argument(
        "--folder",
        metavar="NAME",
        help="which model, where a folder or zip holds several: its folder in there (not given: they are listed)",
    )
    importing.add_argument(
        "--weights",
        metavar="FILE",
        help="which file in the bundle (default: models/model.pt), or in a fold (default: checkpoint_final.pth)",
    )
    importing.add_argument("--config", metavar="FILE", help="which of the bundle's configs (default: inference.json)")
    importing.add_argument(
        "--configuration", metavar="NAME", help="which configuration of an nnU-Net model (default: the only one)"
    )
    folds = importing.add_mutually_exclusive_group()
    folds.add_argument(
        "--fold", metavar="N|all", help="one network of an nnU-Net model: a fold's number, or all for that of all cases"
    )
    folds.add_argument(
        "--folds",
        metavar="all|N,…",
        help="the folds of an nnU-Net model whose networks are averaged (default: the one network that was trained on all "
        "cases, where there is one, else all folds)",
    )
    importing.add_argument(
        "--orientation",
        metavar="LPS|…|file",
        help="how images are shown to an nnU-Net model: the direction of each axis, or as the file has them (default: as the "
        "reader that its plans name); to a MONAI bundle that does not turn them: RAS or file (default: file)",
    )
    importing.add_argument(
        "--card", metavar="FILE", type=Path, help="for bare weights: the card (card.json) that describes them"
    )
    importing.add_argument(
        "--inflate",
        action="store_true",
        help="for bare weights of a network for slices (2D), where the card has one for volumes: repeat its kernels",
    )
    importing.add_argument("--json", action="store_true", help=KEPT_AS_JSON)
    importing.set_defaults(run=_import)


def _add_download(actions: argparse._SubParsersAction) -> None:
    downloading = actions.add_parser(
        "download",
        help="download a model from where it is published",
        description="Show what a model is, where it comes from, its size and licence. Then download it over https,\n"
        "check its checksum and keep it among your own. A download that broke off goes on where it stopped.",
        epilog="examples:\n"
        "  transferseg sources download ratlesnetv2-heterogeneous-1 --dry-run\n"
        "  transferseg sources download ratlesnetv2-heterogeneous-1\n"
        "  transferseg sources download monai-whole-body-ct-3mm --file ~/Downloads/model_lowres.pt\n"
        "  transferseg sources download my-institute-knee --folder Dataset012/nnUNetTrainer__nnUNetPlans__3d_fullres",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    downloading.add_argument("name", metavar="NAME", help="a model that `sources list` marks as 'to download'")
    downloading.add_argument(
        "--file", type=Path, help="the file, if you have downloaded it by other means; it is checked all the same"
    )
    downloading.add_argument(
        "--folder",
        metavar="NAME",
        help="which model, where the file holds several: its folder in there (not given: they are listed)",
    )
    downloading.add_argument(
        "--dry-run", action="store_true", help="show what would be downloaded, without downloading"
    )
    downloading.add_argument("--json", action="store_true", help=KEPT_AS_JSON)
    downloading.set_defaults(run=_download)


def _pack(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.packing import pack_models

    names = pack_models(args.names, args.out.expanduser(), lambda name: say(f"packing {name}"))
    size = args.out.expanduser().stat().st_size
    print(f"packed {', '.join(names)} into {args.out} ({size / 1e6:,.1f} MB)")
    return 0


def _unpack(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.packing import unpack_models

    names = unpack_models(args.pack.expanduser(), lambda name: say(f"checking {name}"))
    print(f"kept {', '.join(names)} in {user_folder()}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    print(f"deleted {remove_source(args.name)}")
    return 0


def _download(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.downloads import broken_downloads, find_download, list_downloads
    from TransferSegLib.sources.fetching import download_model, stated_size

    entry = find_download(args.name)
    whole = find_in_parts(args.name)
    here = whole is not None or any(source.card.name == args.name for source in list_sources())
    if args.json and entry is not None and args.dry_run:
        print(json.dumps(_facts_elsewhere(entry), indent=2, ensure_ascii=False))
        return 0
    if entry is not None and (args.dry_run or not here) and not args.json:
        from_server = entry.total_bytes is None and entry.url != "" and args.file is None and not here
        print(_entry_text(entry, stated_size(entry) if from_server else None), flush=True)
    if here and args.json:
        print(_in_parts_json(whole) if whole else _kept_json(find_source(args.name)))
        return 0
    if here:
        print(f"`{args.name}` is here already; `transferseg sources show {args.name}` tells about it.")
        return 0
    if entry is None:
        for broken in broken_downloads():
            if broken.name == args.name:
                raise InputError.of(broken.problem)
        raise InputError(
            "no-such-download",
            "`{name}`: no model of this name can be downloaded; there are {known:?{known}|none}.",
            name=args.name,
            known=tuple(entry.name for entry in list_downloads()),
        )
    if args.dry_run:
        return 0
    if entry.obstacle:
        raise InputError.of(entry.obstacle)
    if args.folder:
        entry = replace(entry, folder=args.folder)
    shown, printer = -1, ProgressPrinter()

    def progress(done: int, total: int | None) -> None:
        nonlocal shown
        if total and (sys.stderr.isatty() or os.environ.get(PROBLEMS_VARIABLE) == "json"):
            if (part := 200 * done // total) > shown:
                shown = part
                facts = {"name": args.name, "done": done / 1e6, "total": total / 1e6}
                told = Problem("progress-downloading", "{name}: {done:,.1f} of {total:,.1f} MB", facts, "note")
                event = {"kind": "progress", "fraction": done / total, "seconds_left": None, "text": told.sentence}
                printer({**event, "problem": told.to_json()})
            return
        part = 10 * done // total if total else done // 50_000_000
        if part > shown:
            shown = part
            unit, size = ("kB", 1e3) if (total or done) < 10e6 else ("MB", 1e6)
            say(f"{done / size:,.0f}{f' of {total / size:,.0f}' if total else ''} {unit}")

    read: list[Imported] = []
    try:
        source = download_model(entry, args.file, progress, read.append, lambda problem: say(problem.sentence))
    finally:
        printer.close()
    if isinstance(source, InParts):
        of_parts = ", ".join(part.name for part in source.parts)
        print(_in_parts_json(source) if args.json else f"kept `{source.name}` in {len(source.parts)} parts: {of_parts}")
        return 0
    if args.json:
        print(_kept_json(source, read[0].report, read[0].notes))
        return 0
    print(f"kept `{source.card.name}` in {source.folder}")
    return 0


def _entry_text(entry: Download, stated_bytes: int | None = None) -> str:
    from TransferSegLib.sources.downloads import facts

    known = facts(entry, stated_bytes).items()
    return "\n".join([f"{entry.name}: {entry.title}", "", *(f"{name:12} {value}" for name, value in known)])


def _add_export(actions: argparse._SubParsersAction) -> None:
    exporting = actions.add_parser(
        "export",
        help="write a model as a MONAI bundle",
        description="Write a model as a MONAI bundle, which MONAI and programs built on it can load and run.",
        epilog="examples:\n"
        "  transferseg sources export job ./knee-bundle       the model that a job adapted\n"
        "  transferseg sources export hippocampus-t1w ./hippocampus-bundle",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    exporting.add_argument("name", metavar="MODEL", help="a model's name, its folder, or a job's folder")
    exporting.add_argument("folder", metavar="OUT", type=Path, help="the bundle's folder, a new one")
    exporting.set_defaults(run=_export)

    removing = actions.add_parser(
        "remove",
        help="delete a model of your own",
        description="Delete a model and its weights from your own folder. The models that ship cannot be deleted.",
        epilog="example:\n  transferseg sources remove liver-ct",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    removing.add_argument("name", metavar="NAME", help="a model that `sources list` marks as 'yours'")
    removing.set_defaults(run=_remove)


def _export(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.exports.bundle import export_bundle

    source = find_source(args.name)
    notes = export_bundle(source, args.folder.expanduser())
    print(f"exported `{source.card.name}` to {args.folder}")
    for note in notes:
        print(f"note: {note}")
    say_of_model(source)
    return 0


def _spacing(text: str) -> tuple[float, float, float]:
    try:
        values = [float(word) for word in text.replace("x", ",").split(",")]
    except ValueError:
        values = []
    if len(values) == 1:
        values *= 3
    if len(values) != 3 or not all(0 < value < 1000 for value in values):
        raise argparse.ArgumentTypeError(f"`{text}`: give one or three positive numbers of mm, as in 1.5,1.5,3")
    return values[0], values[1], values[2]


def _import(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.fetching import take_in
    from TransferSegLib.sources.found_here import find_found
    from TransferSegLib.sources.imports.importer import ImportOptions
    from TransferSegLib.sources.imports.importing import import_source

    options = ImportOptions(
        args.spacing,
        args.weights,
        args.config,
        args.configuration,
        args.fold,
        args.card,
        args.folder,
        args.inflate,
        args.folds,
        args.orientation,
    )
    found = None if args.path.exists() else find_found(str(args.path))
    if found is not None and found.entry is not None and options == ImportOptions() and not args.name:
        read: list[Imported] = []
        source, imported = take_in(found, read.append), read[0]
    else:
        source, imported = import_source(found.folder if found else args.path, options, args.name)
    if args.json:
        print(_kept_json(source, imported.report, imported.notes))
        return 0
    print(f"imported `{source.card.name}` ({source.card.title}) to {source.folder}")
    print("\n".join(imported.report.lines()))
    for note in imported.sentences:
        print(f"note: {note}")
    return 0


def _list(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.downloads import broken_downloads, list_elsewhere
    from TransferSegLib.sources.finding import Filter, Model, find, nearest
    from TransferSegLib.sources.found_here import is_found, list_found

    wanted = Filter(args.find, args.body_part, args.modality, args.commercial)
    sources, wholes, found = list_sources(), list_in_parts(), list_found()
    # What is here has one line: a model in parts that another program has as a whole, the part that it has alone.
    wholes_found = {entry.name: entry.files() for entry in list_elsewhere() if entry.parts and is_found(entry, found)}
    told = {source.card.name for source in sources} | {file.name for files in wholes_found.values() for file in files}
    found = [model for model in found if model.name not in told]
    names = {model.name for model in found}
    elsewhere = [entry for entry in list_elsewhere() if entry.name not in names]
    if args.here:
        elsewhere = [entry for entry in elsewhere if entry.name in wholes_found]
    models: list[Model] = [*(source.card for source in sources), *wholes, *found, *elsewhere]
    hits = find(models, wanted)
    near = nearest(models, wanted) if wanted.words and not hits else ()
    labels = {hit.model.name: hit.labels for hit in hits}
    wholes = [whole for whole in wholes if whole.name in labels]
    found = [model for model in found if model.name in labels]
    sources = [source for source in sources if source.card.name in labels]
    elsewhere = sorted(
        (entry for entry in elsewhere if entry.name in labels), key=lambda entry: entry.obstacle is not None
    )
    broken = [*broken_sources(), *broken_downloads()]
    if args.json:
        facts = {
            "sources": [*map(_facts, sources)],
            "in_parts": [to_json(whole) for whole in wholes],
            "found": [_facts_found(model) for model in found],
            "broken": [{"folder": str(one.folder), "problem": one.problem.sentence} for one in broken],
            "to_download": [
                {**_facts_elsewhere(entry), "found_here": entry.name in wholes_found}
                for entry in elsewhere
                if entry.obstacle is None
            ],
            "not_usable_yet": [_facts_elsewhere(entry) for entry in elsewhere if entry.obstacle is not None],
            "nearest": list(near),
        }
        print(json.dumps(facts, indent=2, ensure_ascii=False))
        return 0
    if sources or wholes or found or elsewhere:
        heads = ("name", "modality", "body part", "labels", "licence", "known Dice", "")
        here = [_row(source, labels[source.card.name]) for source in sources]
        here += [_row_in_parts(whole, labels[whole.name]) for whole in wholes]
        here += [_row_found(model, labels[model.name]) for model in found]
        here += [_row_elsewhere(entry, labels[entry.name], entry.name in wholes_found) for entry in elsewhere]
        print(_table([heads, *here]))
    elif wanted.is_empty and not args.here:
        print("There are no source models; add one with `transferseg sources add FOLDER`.")
    else:
        nearest_words = f" Nearest words: {', '.join(f'`{name}`' for name in near)}." if near else ""
        print(f"No model is like that.{nearest_words} `transferseg sources list` shows all.")
    for one in broken:
        print(f"not usable: {one.problem.sentence}", file=sys.stderr)
    return 0


def _show(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.downloads import find_download

    if whole := find_in_parts(args.name):
        print(_in_parts_json(whole) if args.json else _in_parts_text(whole))
        return 0
    here = Path(args.name).is_dir() or any(source.card.name == args.name for source in list_sources())
    if (entry := find_download(args.name)) and not here:
        text = json.dumps(_facts_elsewhere(entry), indent=2, ensure_ascii=False) if args.json else _entry_text(entry)
        fetches = "" if entry.obstacle else f"\n\n`transferseg sources download {entry.name}` fetches it."
        print(text if args.json else f"{text}{fetches}")
        return 0
    source = find_source(args.name)
    print(json.dumps(to_json(source.card), indent=2, ensure_ascii=False) if args.json else _text(source))
    return 0


def _add(args: argparse.Namespace) -> int:
    from TransferSegLib.sources.adding import add_source

    reports: list[MappingReport] = []
    source = add_source(args.folder, args.name, reports.append)
    if args.json:
        print(_kept_json(source, reports[0]))
    else:
        print("\n".join(reports[0].lines()))
        print(f"added `{source.card.name}` ({source.card.title}) in {source.folder}")
    say_of_model(source)
    return 0


def _kept_json(source: SourceFolder, report: MappingReport | None = None, notes: Sequence[Problem] = ()) -> str:
    """A model that is among the person's own now, as JSON for other programs.

    Args:
        source: The model.
        report: What became of its weights; None where it was there already.
        notes: What its card cannot say, and what was assumed.
    """
    facts = {
        "name": source.card.name,
        "title": source.card.title,
        "folder": str(source.folder),
        "card": to_json(source.card),
        "weights": report.summary() if report else None,
        "notes": [note.sentence for note in notes],
        "findings": [note.to_json() for note in notes],
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _in_parts_json(whole: InParts) -> str:
    """A model in parts as JSON for other programs, with the facts that they ask of any model."""
    facts = {**to_json(whole), "folder": str(user_folder() / whole.name), "weights": None, "notes": [], "findings": []}
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _in_parts_text(whole: InParts) -> str:
    facts = [
        *((part.name, ", ".join(part.labels)) for part in whole.parts),
        ("images", f"{whole.modality}, {whole.body_part}"),
        (
            "licence",
            f"{whole.licence or 'not stated'}; commercial use: {use_in_words(whole.licence, whole.commercial_use)}",
        ),
        ("citation", whole.citation),
    ]
    return "\n".join([f"{whole.name}: {whole.title}", "", *(f"{name:12} {value}" for name, value in facts)])


def _facts(source: SourceFolder) -> dict[str, Any]:
    """The card as JSON, with what other programs ask beside it."""
    return {
        **to_json(source.card),
        "folder": str(source.folder),
        "origin": source.origin,
        "kind": source.card.made_by.get("imported", "TransferSeg"),
        "size_bytes": source.weights.stat().st_size,
        "downloaded": True,
        "warnings": [problem.sentence for problem in model_warnings(source.card)],
    }


def _facts_elsewhere(entry: Download) -> dict[str, Any]:
    kind = "bare weights" if entry.card else KINDS.get(entry.layout, "MONAI bundle")
    why = {"obstacle": entry.obstacle.sentence} if entry.obstacle else {}
    codes = {label: codes_of(label) for label in entry.labels if codes_of(label)}
    return {**to_json(entry), "kind": kind, "downloaded": False, "terminology": codes, **why}


def _row(source: SourceFolder, found: tuple[str, ...] = ()) -> tuple[str, ...]:
    card = source.card
    licence = _licence(card.licence, card.commercial_use)
    labels = _labels(found or card.label_names) or f"nothing ({card.task})"
    state = "; ".join([_origin(source), *_marks(card)])
    return (card.name, card.modality, card.body_part, labels, licence, _mean_dice(card), state)


def _marks(card: ModelCard) -> list[str]:
    """What `model_warnings` says, in a few words; `sources show` says it whole."""
    of_stopped_job = ["of a stopped job"] if is_of_stopped_job(card) else []
    return [*of_stopped_job, *(["below its source model"] if card.below_source else [])]


def _row_in_parts(whole: InParts, found: tuple[str, ...]) -> tuple[str, ...]:
    licence = _licence(whole.licence, whole.commercial_use)
    state = f"yours, in {len(whole.parts)} parts"
    return (whole.name, whole.modality, whole.body_part, _labels(found or whole.labels), licence, "not known", state)


def _row_found(model: FoundModel, found: tuple[str, ...]) -> tuple[str, ...]:
    labels, licence = _labels(found or model.labels), _licence(model.licence, model.commercial_use)
    return (
        model.name,
        model.modality,
        model.body_part,
        labels,
        licence,
        "not known",
        f"here, of {model.program}: import",
    )


def _facts_found(model: FoundModel) -> dict[str, Any]:
    """A model of another program as JSON; `sources import` takes its name or its folder."""
    facts = {"title": model.title, "modality": model.modality, "licence": model.licence, "downloaded": True}
    return {"name": model.name, "folder": str(model.folder), "program": model.program, **facts}


def _row_elsewhere(entry: Download, found: tuple[str, ...] = (), is_here: bool = False) -> tuple[str, ...]:
    licence = _licence(entry.licence, entry.commercial_use)
    labels = _labels(found or entry.labels) or "not stated"
    state = "needs a key" if entry.needs_key else "to download"
    if is_here and entry.obstacle is None:
        state = "here, of another program: download takes it in"
    return (entry.name, entry.modality, entry.body_part, labels, licence, "not known", state)


def _labels(names: tuple[str, ...]) -> str:
    labels = ", ".join(names)
    return labels if len(labels) <= 48 else f"{len(names)} labels: {labels[:34].rpartition(', ')[0]}, …"


def _licence(licence: str, commercial_use: bool | None) -> str:
    if use_in_words(licence, commercial_use) == "unknown":
        return "unknown"
    short = licence if len(licence) <= 24 else f"{re.split('[;(]', licence)[0].strip()[:22]}, …"
    return f"{short} (no commercial use)" if commercial_use is False else short


def _origin(source: SourceFolder) -> str:
    return {"bundled": "ships", "user": "yours", "path": ""}[source.origin]


def _averages(card: ModelCard) -> str:
    settings = card.inference
    parts = [f"{1 + len(card.members)} sets of weights"] if card.members else []
    few = settings.copies_up_to_windows
    of_few = "" if few is None else f" of images with up to {counted(few, 'window', 'windows')}"
    parts += [f"{settings.copies} copies shifted by up to a voxel{of_few}"] if settings.copies > 1 else []
    mirror = settings.mirror if settings.as_nnunet is None else settings.as_nnunet.mirror
    if mirror:
        parts.append(f"copies mirrored along {', '.join(mirror)}")
    return f"{' and '.join(parts)}: {settings.times * (1 + len(card.members))} times as long at most"


def _mean_dice(card: ModelCard) -> str:
    return "not known" if card.mean_dice is None else f"{card.mean_dice:.3f}"


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _text(source: SourceFolder) -> str:
    card = source.card
    cases = f" ({counted(card.training_cases, 'case', 'cases')})" if card.training_cases else ""
    facts = [
        ("segments", ", ".join(f"{label.name} ({label.value})" for label in card.labels) or "nothing"),
        ("task", card.task if card.labels else f"{card.task}: its encoder is for the strategy encoder-transfer"),
        ("images", f"{', '.join(filter(None, (card.modality, card.body_part)))}; channels: {', '.join(card.channels)}"),
        ("trained on", f"{card.trained_on}{cases}"),
        (
            "network",
            f"{card.network.name} {json.dumps(to_json(card.network.arguments)) if card.network.arguments else ''}",
        ),
        ("voxels", voxels_in_words(card.preprocessing)),
        ("patch", f"{times(card.patch_size)} voxels"),
        ("intensities", intensities_in_words(card.preprocessing, card.channels)),
        *(
            [("first stage", f"{card.first_stage.title}: what it finds is shown to the network")]
            if card.first_stage
            else []
        ),
        *([("slices", "across the last axis, whatever their direction")] if card.preprocessing.slices_last else []),
        *([("template", "each case is laid over the model's template")] if card.preprocessing.template else []),
        *([("smoothing", f"segmentations, {card.smoothing_mm:g} mm")] if card.smoothing_mm else []),
        *(
            [("runs", "as nnU-Net does, with `segment`; as all other models, in jobs")]
            if card.inference.as_nnunet
            else []
        ),
        *(("labels", problem.sentence) for problem in card.inference.told_of_labels),
        *([("averages", _averages(card))] if card.inference.times > 1 or card.members else []),
        (
            "licence",
            f"{card.licence or 'not stated'}; commercial use: {use_in_words(card.licence, card.commercial_use)}",
        ),
        ("citation", card.citation),
        ("folder", str(source.folder)),
    ]
    below = " ".join(problem.sentence for problem in told_of_model(source))
    lines = [f"{card.name}: {card.title}", *([below] if below else [])]
    lines += [*([" ".join(card.description.split())] if card.description else []), ""]
    lines += [f"{name:12} {' '.join(value.split())}".rstrip() for name, value in facts]
    if card.scores:
        lines += ["", "known scores"]
        lines += _table([("", "Dice", "HD95 mm", "cases", "measured on"), *map(_score, card.scores)]).splitlines()
    return "\n".join(lines)


def _score(score: CardScore) -> tuple[str, ...]:
    dice = "" if score.dice is None else f"{score.dice:.3f}"
    hd95 = "" if score.hd95_mm is None else f"{score.hd95_mm:.2f}"
    return score.label, dice, hd95, str(score.cases), score.how
