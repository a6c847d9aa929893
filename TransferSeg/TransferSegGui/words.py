"""What the library calls by key or by command, in the words of the panel."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import cache

from slicer.i18n import tr as _

from TransferSegLib.core.errors import InputError, TransferSegError
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.transfer.strategies import STRATEGIES

_KEY = rf"(?:{'|'.join(STRATEGIES)})(?::[a-z][a-z0-9_]*=[A-Za-z0-9+._-]*[A-Za-z0-9])*"
# A key without quotes stands where a phase or a plan names its strategy, never inside a sentence.
_BARE = re.compile(rf"(?:(?<=: )|(?<=; )|^){_KEY}(?=, |: |$)", re.MULTILINE)
_QUOTED = re.compile(rf"`({_KEY})`")
_FLAG = re.compile(r"--([a-z][a-z-]*)")
_CODE = re.compile(r"`([^`\n]*)`")


def choice_words(value: object) -> str:
    """A choice of an option, or of the training settings, in words; a number, or one that is not known, as it is."""
    return _choices().get(str(value), str(value))


@cache  # Slicer changes its language when it is started again
def _choices() -> dict[str, str]:
    return {
        "head": _("the output layer"),
        "decoder": _("the decoder"),
        "encoder+head": _("the encoder and the output layer"),
        "multiply": _("multiplied"),
        "concatenate": _("side by side"),
        "average": _("averaged"),
        "maximum": _("the larger of the two"),
        "none": _("none"),
        "light": _("light: small turns, shifts and changes of size"),
        "strong": _("strong: larger ones, and changes of brightness"),
        "contrast": _("contrast: tissues in the brightness of other scanners"),
        "cosine": _("falls smoothly to zero (cosine)"),
        "step": _("falls a little each epoch"),
        "plateau": _("falls when nothing is gained"),
        "constant": _("stays as it is"),
    }


def images_words(modality: str, body_part: str) -> str:
    """What a model's images are, "T1-weighted MR, head"; a modality that is not known, as it is."""
    modalities = {
        "ct": _("CT"),
        "mr": _("MR"),
        "mri": _("MR"),
        "t1w": _("T1-weighted MR"),
        "t2w": _("T2-weighted MR"),
        "flair": _("FLAIR MR"),
    }
    return f"{modalities.get(modality.lower(), modality)}, {body_part}"


def role_words(role: str) -> str:
    """What a case is for, in words."""
    return {"train": _("annotated"), "test": _("test"), "unlabelled": _("to segment")}.get(role, role)


def strategy_words(key: str) -> str:
    """The title of a strategy with its options, "Fine-tune the last layers (6)" for `conservative:layers=6`."""
    try:
        choice = StrategyChoice.parse(key)
    except InputError:
        return key
    if choice.name not in STRATEGIES:
        return key
    options = ", ".join(choice_words(value) for _option, value in sorted(choice.options.items()))
    title = STRATEGIES[choice.name].title
    return f"{title} ({options})" if options else title


def flag_words(flag: str) -> str:
    """The field of the panel that an option of the command line is; one that the panel does not have, as it is."""
    fields = {
        "budget": _("“Budget”"),
        "folds": _("“Folds” (Advanced)"),
        "name": _("“Save model”"),
        "device": _("“Device”"),
        "source-data": _("“Source's cases”"),
        "deterministic": _("“The same weights from every run”"),
    }
    return fields.get({"steps": "budget", "epochs": "budget", "minutes": "budget"}.get(flag, flag), f"--{flag}")


def in_words(text: str) -> str:
    """A sentence of the library for the panel: strategies by title, and buttons and fields in place of commands."""
    text = re.sub(r"\bby `transferseg resume [^`]*`", _("by pressing Resume"), text)
    text = re.sub(r"\bthen `transferseg resume [^`]*`", _("then press Resume"), text)
    text = re.sub(r"`transferseg resume [^`]*`", _("Resume"), text)
    text = text.replace("`transferseg cases check`", _("the list of cases"))
    text = text.replace("`transferseg status`", _("its progress bar"))
    text = re.sub(r"with `transferseg sources add [^`]*`", _("with Add model…"), text)
    text = text.replace(" (`direct`)", "")
    text = _QUOTED.sub(lambda found: f"“{strategy_words(found[1])}”", text)
    text = _BARE.sub(lambda found: strategy_words(found[0]), text)
    text = _FLAG.sub(lambda found: flag_words(found[1]), text)
    return _CODE.sub(r"“\1”", text)


@contextlib.contextmanager
def worded() -> Iterator[None]:
    """The library's errors, in the words of the panel."""
    try:
        yield
    except TransferSegError as error:
        error.args = (in_words(str(error)),)
        raise
