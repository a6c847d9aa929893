"""The library's texts as the panel shows them: translated, strategies by title, buttons and fields in place of commands."""

from __future__ import annotations

import contextlib
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import PurePath
from typing import Any

from slicer.i18n import tr as _
from slicer.i18n import translate

from TransferSegLib.core.declarations import Option, as_text, declared_options
from TransferSegLib.core.errors import InputError, TransferSegError
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.evaluation.metrics.metric import Metric
from TransferSegLib.evaluation.verdict import Verdict
from TransferSegLib.jobs.recommended import ROUND
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.status import JobStatus
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.recommended import AUTO, TITLE
from TransferSegLib.transfer.strategies import STRATEGIES

# Of the library's texts in the files of translators, see `library_texts.py`.
CONTEXT = "TransferSeg.library"
# A numbered case of a job, or one of its files, see `exporting.job_name`; its label files are in a folder of their own.
# A person's own folder may be called like a case: what another part of a path follows is none.
NUMBERED = re.compile(r"\bcase_(\d{3,})(?:_\d{4})?(\.nii\.gz|\.nii|\.nrrd)?\b(?![/\\])")
LABELS = "labels"

# What a person sets in the panel beside a strategy.
_SETTINGS = (*declared_options(TrainingOptions), *declared_options(LesionOptions))


def library_text(text: str) -> str:
    """A text of the library in the person's language: a template, a title, a help text."""
    return translate(CONTEXT, text) if text else ""


def in_panel_language(metric: Metric) -> Metric:
    """The same metric with its title in the person's language."""
    return replace(metric, title=library_text(metric.title))


def problem_text(problem: Problem) -> str:
    """What a problem says, in one sentence for the panel."""
    try:
        return in_panel_words(problem).sentence
    except (LookupError, TypeError, ValueError):  # a translation that names a field that is not there
        return problem.sentence


def error_text(error: Exception) -> str:
    """What an error says, in one sentence for the panel."""
    return problem_text(error.problem) if isinstance(error, TransferSegError) else str(error)


def said_problem(data: Mapping[str, Any], key: str) -> Problem:
    """What an event, or another record of the library, says.

    Args:
        data: The record. Its `problem` is what it says as data; records of version 0.1.0 have the sentence alone.
        key: Where the sentence is.
    """
    try:
        return Problem.from_json(data["problem"])
    except (LookupError, TypeError, ValueError):
        return Problem("other", "{text}", {"text": str(data.get(key) or "")}, "note")


def verdict_text(verdict: Verdict, names: Mapping[str, str]) -> str:
    """Which strategy won, in a sentence for the panel; `names` are those of numbered cases."""
    return problem_text(with_case_names(verdict.problem, names)) if verdict.problem else verdict.sentence


def status_text(status: JobStatus, names: Mapping[str, str]) -> str:
    """How a job stands, in a sentence for the panel; `names` are those of numbered cases."""
    return problem_text(with_case_names(status.problem, names))


def in_panel_words(problem: Problem) -> Problem:
    """The same problem with templates and fields for the panel.

    The templates are the panel's own where the library's name a command or an option, else the library's, translated.
    Of the fields, those that name strategies are the strategies' titles, and those that name options the panel's fields.
    """
    own = panel_templates().get(problem.code)
    template, advice = own or (library_text(problem.template), library_text(problem.advice_template))
    fields = {name: _field_words(name, value) for name, value in problem.fields.items()}
    template, fields = _quoted(template, fields)
    advice, fields = _quoted(advice, fields)
    return replace(problem, template=template, advice_template=advice, fields=fields)


@cache  # Slicer changes its language only when it is started again
def panel_templates() -> Mapping[str, tuple[str, str]]:
    """The panel's own template and advice for each code whose library template names a command or an option."""
    # `_` refuses a translation with other words within braces; `words` fills them in by the library's own rules.
    templates = {
        # What a model is applied to
        "uncertainty-of-one-copy": _(
            "Nothing is averaged here, so the uncertainty is what the model itself says, which is often too "
            "little; adapt it with several copies or as an ensemble to see where these disagree."
        ),
        "components-removed": translate(
            "TransferSegGui.words",
            "Case `{name}`: this model keeps the largest piece of a label alone, so {pieces} further {pieces:~piece|pieces} "
            "({shown:…}) {pieces:~was|were} removed; look at the image there before you rely on it.",
        ),
        "holes-filled": _(
            "Case `{name}`: this model fills the holes of a label, so some were filled ({shown:…}); look at the image there "
            "before you rely on it."
        ),
        "job-not-as-nnunet": _(
            "Every strategy, the source model as it is too, prepares images and segments as all models do here, not as "
            "nnU-Net does. Try does as nnU-Net with the source model, so it may find something else."
        ),
        "job-not-in-file-order": _(
            "Every strategy, the source model as it is too, sees images with the axes right, anterior, superior{slices:?, "
            "thick slices across the last one|}. Try shows the source model the axes of the file, which are others in "
            "{count} {count:~case|cases}, so it may find something else there."
        ),
        "download-needs-key": _(
            "Its publisher gives it out only for a key, so it cannot be downloaded here; {page} says how to get one. A model "
            "that you have is taken in by Add model."
        ),
        # A round that cannot go on from the one before
        "parent-unfinished": _(
            "{path}: {new:?trained a new model|has not finished}, so no round can go on from it; {new:?press "
            "Start, which begins "
            "from the source model|let it finish, or press Start, which begins from the source model}."
        ),
        "parent-of-other-source": _(
            "{path}: this job adapted another source model than “{model}”, so no round can go on from it with "
            "“{model}”; choose "
            "its own source model, or press Start, which begins from “{model}”."
        ),
        "parent-fold-gone": _(
            "{path}: the model of fold {fold} is not there any more, or an earlier version made it and did not note what it "
            "had seen, so cases could be scored by models that saw them; press Start, which begins from the source model."
        ),
        "parent-of-other-network": _(
            "{path}: {strategy} made another network of the source model's, which no round can go on from; press "
            "Start, which "
            "begins from the source model with all your cases."
        ),
        "parent-with-other-folds": _(
            "{option}: the round before has {count} folds, and a case must stay in its fold; choose {count} or "
            "“automatic” there, or "
            "press Start, which begins from the source model."
        ),
        "parent-saw-held-out": translate(
            "TransferSegGui.words",
            "{path}: its model of fold {fold} was trained on {count:~case|cases} {cases:…`}, which that fold would score: "
            "{count:~its score|their scores} would be too good; press Start, which begins from the source model.",
        ),
        "parent-saw-role": translate(
            "TransferSegGui.words",
            "{path}: its models have seen {count:~case|cases} {cases:…`}, which {count:~is|are} now for another use: "
            "{count:~its score|their scores} would be too good; give {count:~it|them} the use that "
            "{count:~it|they} had in the "
            "list of cases, or press Start, which begins from the source model.",
        ),
        "parent-case-contradicts": _(
            "{path}: case `{case}` was another one there by some of its images, `{other}`, so it cannot be told which fold's "
            "model has seen it; put its images right, or press Start, which begins from the source model."
        ),
        "parent-case-unsure": translate(
            "TransferSegGui.words",
            "{path}: case `{case}` has other voxels than in that round, whose image of it is now case `{other}`, and "
            "{missing:…`} of that round {missing:~is|are} missing, so it cannot be told which fold's model has seen "
            "`{case}`; put the images back into their cases, or press Start, which begins from the source model.",
        ),
        "fold-without-case": _(
            "Fold {fold} of the round before has no case any more; put its cases back, or press Start, which begins from the "
            "source model."
        ),
        # How a job stands
        "job-waiting": _("Not started yet; press Resume to start it."),
        "job-failed": _("Failed; look at the log below, then press Resume."),
        "job-cancelled": _("Cancelled; press Resume to go on with it."),
        "job-interrupted": _("The job's process ended without a message; press Resume to go on where it stopped."),
        "worker-died": _("The job's process ended without a message; press Resume to go on."),
        "worker-died-saying": _(
            "The job's process ended without a message; press Resume to go on. Its last line: {last_line}"
        ),
        "cancelled": translate(
            "TransferSegGui.words",
            "Cancelled; the model so far is in {path}{uncompared:?. It was not compared with the source model, and may be "
            "worse|}. Press Resume to go on.",
        ),
        "cancelled-before-training": _("Cancelled before training began; press Resume to start it."),
        "unexpected-error": _(
            "{path}: the job failed ({kind}: {reason}); the details are in {log}. Press Resume to go on."
        ),
        "disk-full": _("{path}: the disk is full; free space, then press Resume."),
        "writing-failed": _("{path}: writing failed ({reason}); check the disk, then press Resume."),
        "writing-not-allowed": _(
            "{path}: writing is not allowed ({reason}); make the folder writable, then press Resume."
        ),
        "memory-ran-out": translate(
            "TransferSegGui.words",
            "Memory of {gpu:?the GPU|this computer} ran out even with one small patch at a time; close other programs"
            "{gpu:? or choose another device|}, then press Resume.",
        ),
        "job-out-of-memory": _("Memory of this computer ran out; close other programs, then press Resume."),
        "prepared-case-does-not-fit": _(
            "Case `{case}`: memory of this computer ran out while it was prepared or read; close other programs, then press "
            "Resume, or start a new job without this case."
        ),
        "segmentation-does-not-fit": _(
            "Case `{case}`: memory of this computer ran out while its segmentation was written or scored; close other "
            "programs, then press Resume, or start a new job without this case."
        ),
        "case-does-not-fit": _(
            "Case `{case}`: memory of this computer ran out while it was segmented, even with small windows; close other "
            "programs, then press Resume, or start a new job without this case."
        ),
        "not-a-checkpoint": _(
            "{path}: holds something else than a checkpoint of this program; delete it, then press Resume."
        ),
        "job-folder-taken": _("{path}: holds a job already; open or resume it, or choose another folder."),
        "no-results-yet": _("{path}: has no results yet; let the job finish."),
        # Going round
        "not-a-loop": _("{path}: not the folder of a loop (it has no {file}); check the path."),
        "loop-label-changed": _(
            "{path}: is not the segmentation that was accepted for case `{case}`; put it back, or accept the new one."
        ),
        "loop-round-unfinished": _("{path}: this round has not ended; resume it, or delete its folder."),
        "loop-nothing-annotated": _("{path}: no case is annotated yet; annotate those that are listed first."),
        "next-none-left": _("Every scan is annotated: add scans to {path}, or adapt again."),
        "next-begun": _("Somebody has begun to correct it: finish it, and accept it."),
        # What is asked of a job
        "case-errors": _("Case `{case}`: {problem} (and {more} more, see the list of cases)."),
        "data-set-errors": _("{problem} (and {more} more, see the list of cases)."),
        "deterministic-minutes": _(
            "Give the budget in steps: how many fit into minutes differs from run to run, and every run is to end with "
            "the same weights."
        ),
        # The verdict
        "source-offered": translate(
            "TransferSegGui.words",
            "Choose “Use the source model instead” to save and apply that one{own:?, which has its own labels "
            "({labels:…})|}.",
        ),
        "source-not-run": _("the source model as it is was not run, so whether fine-tuning helped is not known"),
        # Models
        "model-of-stopped-job": translate(
            "TransferSegGui.words",
            "The model `{model}` is of a job that was stopped before its end{uncompared:?; it was not compared with its "
            "source model, `{source}`, and may be worse|}; resume the job to finish it.",
        ),
        "foreign-model": _("{path}: is a model of another program; bring it in with “Add model…”."),
        "job-without-model": _("{path}: this job has no model yet; let it finish, or resume it where it was stopped."),
        "several-models-in-folder": _(
            "{path}: holds {count} models: {models:…`}; unpack it where it is packed, and choose the folder of one."
        ),
        "nnunet-not-installed": _(
            "nnU-Net's networks are in a package that is not installed; press Start, which offers to install it."
        ),
        "source-not-found": _("`{name}`: no source model has this name; choose another one in the list."),
    }
    return {code: (template, "") for code, template in templates.items()}


def with_case_names(problem: Problem, names: Mapping[str, str]) -> Problem:
    """The same problem with the panel's names of cases, where a field names a numbered case of a job or one of its files.

    Args:
        problem: What the library says.
        names: Name of each numbered case → the name that the panel shows; others are called by their numbers.
    """
    return replace(problem, fields={name: _named(value, names) for name, value in problem.fields.items()})


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Problem):
        return with_case_names(value, names)
    if isinstance(value, tuple):
        return tuple(_named(item, names) for item in value)
    if not isinstance(value, str):
        return value
    path = PurePath(value)
    if whole := NUMBERED.fullmatch(path.name):
        if path.name != value and not whole[2] and f"case_{whole[1]}" not in names:
            return value  # a folder
        return case_words(f"case_{whole[1]}", names, of_labels=path.parent.name == LABELS)
    return NUMBERED.sub(lambda found: case_words(f"case_{found[1]}", names), value)


def case_words(case: str, names: Mapping[str, str], of_labels: bool = False) -> str:
    """What the panel calls a numbered case of a job, or its segmentation."""
    number = case.removeprefix("case_").lstrip("0")
    name = names.get(case) or _("case {number}").format(number=number)
    return _("segmentation of {case}").format(case=name) if of_labels else name


def with_quotation_marks(text: str) -> str:
    """A text with quotation marks in place of backticks that come in pairs."""
    return text if text.count("`") % 2 else _Marks().in_place_of_backticks(text)


def option_words(option: str) -> str:
    """The field of the panel that sets an option of the command line; an option without a field, as it is."""
    fields = {
        "--steps": _("“Budget”"),
        "--epochs": _("“Budget”"),
        "--minutes": _("“Budget”"),
        "--folds": _("“Folds” (Advanced)"),
        "--name": _("“Save model”"),
        "--device": _("“Device”"),
        "--source-data": _("“Source's cases”"),
        "--model": _("the model"),
        "--images": _("the images"),
        "--out": _("the folder"),
        "--deterministic": _("“The same weights from every run” (Advanced)"),
        "--label-map": _("the list “Your segments, and the source model's labels”"),
    }
    name, _space, value = option.partition(" ")
    setting = next((o for o in _SETTINGS if f"--{o.name.replace('_', '-')}" == name), None)
    if name in fields:
        words = fields[name]
    elif setting is not None:
        words = _("“{title}” (Advanced)").format(title=library_text(setting.title))
    else:
        words = _("“{option}” on the command line").format(option=name)
    return f"{words} {value}".strip()


def strategy_words(key: str) -> str:
    """The title of a strategy with its options, "Fine-tune the last layers (6)" for `conservative:layers=6`."""
    try:
        choice = StrategyChoice.parse(key)
    except InputError:
        return key
    if choice.name == AUTO:
        return library_text(TITLE)
    if choice.name not in STRATEGIES:
        return key
    strategy = STRATEGIES[choice.name]
    known = {option.name: option for option in strategy.options}
    values = [
        value_words(known[name], value) if name in known else f"{name}: {as_text(value)}"
        for name, value in sorted(choice.options.items())
        if name != ROUND
    ]
    if ROUND in choice.options:  # of a job that recommends a strategy
        values.append(_("round {number}").format(number=choice.options[ROUND]))
    title = library_text(strategy.title)
    return f"{title} ({', '.join(values)})" if values else title


def value_words(option: Option, value: Any) -> str:
    """The value of an option in words: the title of a choice, a number with its unit."""
    if option.kind == "choice":
        return library_text(option.choices.get(str(value), str(value)))
    if option.kind == "yes/no":
        return f"{library_text(option.title)}: {_('yes') if value else _('no')}"
    return f"{as_text(value)} {library_text(option.unit)}".strip()


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
    words = {
        "train": _("annotated"),
        "validation": _("to validate on"),
        "test": _("test"),
        "unlabelled": _("to segment"),
    }
    return words.get(role, role)


@contextlib.contextmanager
def errors_in_panel_words() -> Iterator[None]:
    """Put errors of the library that leave the block into the panel's words."""
    try:
        yield
    except TransferSegError as error:
        error.problem = in_panel_words(error.problem)
        raise


def _field_words(name: str, value: Any) -> Any:
    if isinstance(value, Problem):
        return in_panel_words(value)
    if isinstance(value, tuple):
        return tuple(_field_words(name, item) for item in value)
    if not isinstance(value, str):
        return value
    if name.endswith(("strategy", "strategies")):
        return strategy_words(value)
    return option_words(value) if name.endswith("option") else with_quotation_marks(value)


def _quoted(template: str, fields: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A template with quotation marks where the library has backticks, in the text and around the items of lists."""
    marks = _Marks()
    text, quoted = "", dict(fields)
    for literal, name, spec, _conversion in string.Formatter().parse(template):
        text += marks.in_place_of_backticks(literal).replace("{", "{{").replace("}", "}}")
        if name is None:
            continue
        spec = spec or ""
        if spec[:1] in ("~", "?"):
            spec = marks.in_place_of_backticks(spec)
        elif "`" in spec and name in fields:
            items = fields[name] if isinstance(fields[name], tuple) else (fields[name],)
            name, spec = f"{name} in quotation marks", spec.replace("`", "")
            quoted[name] = tuple(f"“{_shown(item)}”" for item in items)
        text += f"{{{name}:{spec}}}" if spec else f"{{{name}}}"
    return text, quoted


def _shown(item: Any) -> Any:
    return item.sentence.removesuffix(".") if isinstance(item, Problem) else item


class _Marks:
    """Opening and closing quotation marks, in turn."""

    def __init__(self) -> None:
        self._open = False

    def in_place_of_backticks(self, text: str) -> str:
        found = ""
        for letter in text:
            if letter == "`":
                found += "”" if self._open else "“"
                self._open = not self._open
            else:
                found += letter
        return found
