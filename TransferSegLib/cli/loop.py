"""`transferseg loop`: annotate, adapt, correct and adapt again, in one folder, with a curve of how good it is by now."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from TransferSegLib.cli.flags import (
    DEVICE,
    add_label_map_flag,
    add_option_flags,
    data_set,
    read_label_map,
    source_to_adapt,
    strategy_choice,
)
from TransferSegLib.cli.printing import say
from TransferSegLib.cli.progress import ProgressPrinter
from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import counted
from TransferSegLib.jobs.files import json_text
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.recommended import AUTO

EXAMPLES = """\
examples:
  transferseg loop init my-loop --source hippocampus-robust --images scans
  transferseg loop next my-loop                          which cases to annotate, and why
  transferseg loop accept my-loop case-07 --label case-07.nii.gz
  transferseg loop adapt my-loop --minutes 10            a round: a job that goes on from the one before
  transferseg loop status my-loop                        how good by now, and is another round worth it?
"""
# Of the training settings, those that a round takes.
_TRAINING = ("steps", "minutes", "seed", "device", "deterministic")


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `loop` and its parts."""
    parser = commands.add_parser(
        "loop",
        help="annotate, adapt, correct and adapt again, with a curve of how good it is by now",
        description="Annotate some cases, adapt a model to them, correct what it finds in others, and adapt again. A "
        "round\nis a job that goes on from the one before, and no case is scored by a model that saw it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    init = _part(
        parts, "init", "begin a loop", _init, "my-loop --source hippocampus-robust --images scans --target annotated"
    )
    init.add_argument("--source", required=True, metavar="NAME|FOLDER", help="the model to start from")
    init.add_argument("--images", required=True, metavar="FOLDER", help="the scans; more may be added later")
    init.add_argument(
        "--target", metavar="DATASET", help="cases that are annotated already; its labels are then the loop's"
    )
    add_label_map_flag(init, "; your labels are those of --target, else those of a labels.json beside the scans")
    init.add_argument("--seed", type=int, default=0, metavar="N", help="decides which cases are drawn (default 0)")
    following = _part(
        parts,
        "next",
        "say which cases to annotate, and write predictions to correct",
        _next,
        "my-loop --count 5 --json",
        "First come three\n"
        "cases that are drawn at random, then those that are least like the annotated ones by what the\n"
        "network sees (spread alone: an order by disagreement taught no more for sure). How much models\n"
        "disagree on a case is told with it.",
    )
    following.add_argument("--count", type=int, default=3, metavar="N", help="how many cases (default 3)")
    add_option_flags(following, [DEVICE])
    accepting = _part(
        parts,
        "accept",
        "accept a segmentation as a case's annotation",
        _accept,
        "my-loop case-07 --label case-07.nii.gz\n  transferseg loop accept my-loop case-12",
    )
    accepting.add_argument("case", metavar="CASE", help="the name of the case")
    accepting.add_argument(
        "--label", type=Path, metavar="FILE", help="the segmentation (default: what lies in DIR/to-correct)"
    )
    accepting.add_argument(
        "--fresh",
        action="store_true",
        help="it was drawn without looking at the prediction that was written for the case",
    )
    accepting.add_argument(
        "--not-annotated",
        nargs="*",
        metavar="LABEL",
        help="the labels that nobody annotated in it, by name or value; without a label, all are annotated (default: what is "
        "known of the case)",
    )
    flagging = _part(
        parts,
        "flag",
        "put a case aside; where it was drawn at random, another is drawn in its place",
        _flag,
        'my-loop case-05 --reason "moved during the scan"',
    )
    flagging.add_argument("case", metavar="CASE", help="the name of the case")
    flagging.add_argument("--reason", default="", metavar="TEXT", help="why, for whoever looks at the loop later")
    adapting = _part(
        parts, "adapt", "run the next round, or go on with one that was stopped", _adapt, "my-loop --minutes 10"
    )
    adapting.add_argument(
        "--strategy",
        default=AUTO,
        metavar="NAME",
        help=f"a strategy, with its options as NAME:option=value (default {AUTO})",
    )
    options = {option.name: option for option in declared_options(TrainingOptions)}
    add_option_flags(adapting, [options[name] for name in _TRAINING])
    _part(
        parts, "status", "say how good it is by now, and whether another round is worth it", _status, "my-loop --json"
    )


def _part(
    parts: argparse._SubParsersAction, name: str, text: str, run: Any, example: str, more: str = ""
) -> argparse.ArgumentParser:
    part: argparse.ArgumentParser = parts.add_parser(
        name,
        help=text,
        description=f"{text[:1].upper()}{text[1:]}. {more}".strip(),
        epilog=f"examples:\n  transferseg loop {name} {example}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    part.add_argument("loop", type=Path, metavar="DIR", help="the loop's folder")
    part.add_argument("--json", action="store_true", help="print the result as JSON")
    part.set_defaults(run=run)
    return part


def _init(arguments: argparse.Namespace) -> int:
    from TransferSegLib.loop.beginning import init_loop
    from TransferSegLib.loop.folder import LoopFolder

    images = Path(data_set(arguments.images, "--images"))
    target = None if arguments.target is None else Path(data_set(arguments.target, "--target"))
    source, label_map = source_to_adapt(arguments.source, target), read_label_map(arguments.label_map)
    begun = init_loop(arguments.loop, source, images, target, arguments.seed, label_map)
    made = begun.loop
    if arguments.json:
        print(json_text(made, indent=2))
        return _told(begun.problems)
    folder = LoopFolder(arguments.loop)
    print(f"{arguments.loop}: begun, with {counted(len(made.annotations), 'annotated case', 'annotated cases')}.")
    values = ", ".join(f"{value} {name}" for value, name in sorted(folder.label_names().items()))
    print(f"Values in segmentations: {values} ({folder.labels_json.name} there; correct it if yours are others).")
    if made.shared:
        print(f"Annotate first, without a prediction in sight: {', '.join(made.shared)}.")
        print(
            f"Give each by `{folder.command('accept')} CASE --label FILE`, then `{folder.command('adapt')} --minutes 10`."
        )
    return _told(begun.problems)


def _next(arguments: argparse.Namespace) -> int:
    from TransferSegLib.loop.choosing import UNREAD, next_cases
    from TransferSegLib.loop.folder import LoopFolder

    if arguments.count < 1:
        raise InputError(
            "loop-count", "{option}: {count} cases cannot be; give 1 or more.", option="--count", count=arguments.count
        )
    progress = ProgressPrinter()
    kind = "progress" if sys.stderr.isatty() else "phase"

    def on_case(done: int, total: int, case: str) -> None:
        text = f"looking at {done + 1} of {total}: {case}"
        progress({"kind": kind, "fraction": done / total, "seconds_left": None, "text": text})

    try:
        found = next_cases(arguments.loop, arguments.count, arguments.device or DEVICE.default, on_case)
    finally:
        progress.close()
    if arguments.json:
        cases = [_with_sentence(one, "reason", one.reason) for one in found.cases]
        print(json_text({"cases": cases, "problems": [one.sentence for one in found.problems]}, indent=2))
    for one in found.cases if not arguments.json else ():
        print(f"{one.case}: {one.reason.sentence}")
        print(f"  {', '.join(one.images)}")
        if one.prediction is not None:
            print(f"  to correct: {one.prediction}")
    if not arguments.json and any(one.reason.code == "next-shared" for one in found.cases):
        command = LoopFolder(arguments.loop).command("flag")
        print(f"One that cannot be annotated is put aside by `{command} CASE`, and another is drawn.")
    elif any(one.code == UNREAD for one in found.problems):
        command = LoopFolder(arguments.loop).command("flag")
        say(f"Mend such a scan, or put its case aside by `{command} CASE`.")
    return _told(found.problems)


def _accept(arguments: argparse.Namespace) -> int:
    from TransferSegLib.loop.accepting import accept

    made = accept(arguments.loop, arguments.case, arguments.label, arguments.fresh, arguments.not_annotated)
    began = made.annotation.began
    if arguments.json:
        print(json_text({"annotation": made.annotation, "problems": [one.sentence for one in made.problems]}, indent=2))
    elif began is None:
        print(f"{arguments.case}: accepted.")
    else:
        dice = "" if began.dice is None else f"Dice {began.dice:.3f} to the prediction, "
        print(f"{arguments.case}: accepted; it began as a prediction: {dice}{began.changed_ml:.2f} mL changed.")
        if arguments.label is not None:
            print("  If it was drawn without looking at the prediction, accept it again with --fresh.")
    return _told(made.problems)


def _flag(arguments: argparse.Namespace) -> int:
    from TransferSegLib.loop.flagging import flag

    made = flag(arguments.loop, arguments.case, arguments.reason)
    if arguments.json:
        print(json_text(made, indent=2))
    else:
        print(f"{made.case}: put aside; an annotation that you accept for it takes it back.")
        if made.instead is not None:
            print(f"Drawn in its place, to annotate without a prediction in sight: {made.instead}.")
    return 0


def _adapt(arguments: argparse.Namespace) -> int:
    from TransferSegLib.cli.running import run
    from TransferSegLib.jobs.context import JobContext
    from TransferSegLib.loop.folder import LoopFolder
    from TransferSegLib.loop.rounds import begin_round, unfinished_round

    folder = LoopFolder(arguments.loop)
    loop = folder.read()
    job = unfinished_round(folder)
    if job is not None:
        say(f"going on with {job.path.name}, which had not ended; its strategy and budget stay.")
        if not job.is_locked():
            job.clear_cancel()
        code = run(job.path, arguments.json)
    else:
        given = {name: value for name in _TRAINING if (value := getattr(arguments, name)) is not None}
        given.setdefault("seed", loop.seed)
        named = arguments.strategy
        choice = StrategyChoice(AUTO) if named == AUTO else strategy_choice(named, beside=(AUTO,))
        job = begin_round(arguments.loop, choice, TrainingOptions(**given))
        if loop.shared_left:
            say(
                Problem(
                    "loop-shared-left",
                    "{count} of the cases that the rounds are compared on {count:~is|are} not annotated yet ({cases:…`}): "
                    "this round and later ones are compared without {count:~it|them}; annotate {count:~it|them} first.",
                    {"count": len(loop.shared_left), "cases": tuple(loop.shared_left)},
                    "warning",
                ).sentence
            )
        try:
            context = JobContext.read(job.read_spec())
            context.check_plans()
            code = run(job.path, arguments.json, context)
        except InputError:
            job.discard_unbegun()
            raise
    _draw(arguments.loop)
    return code


def _draw(path: Path) -> None:
    """Draw the rounds anew, once one has ended."""
    from TransferSegLib.loop.progress import write_progress
    from TransferSegLib.loop.standing import loop_status, sentence_of_reannotated

    standing = loop_status(path)
    written = write_progress(path, standing)
    say(f"{standing.another_round.sentence} See {written[-1]}.")
    if standing.reannotated:
        say(sentence_of_reannotated(standing.reannotated).sentence)
    for sentence in _model_by_now(path):
        say(sentence)


def _model_by_now(path: Path) -> list[str]:
    """How other scans are segmented with the model of the newest finished round; nothing before there is one."""
    from TransferSegLib.loop.folder import LoopFolder

    finished = LoopFolder(path).finished_rounds()
    if not finished:
        return []
    model = shlex.quote(str(finished[-1].path))
    return [f"Segment other scans by `transferseg segment --model {model} --images SCANS --out FOLDER`."]


def _status(arguments: argparse.Namespace) -> int:
    from TransferSegLib.loop.standing import loop_status, sentence_of, sentence_of_change, sentence_of_reannotated

    standing = loop_status(arguments.loop)
    if arguments.json:
        found = _with_sentence(standing, "another_round", standing.another_round)
        print(json_text(found, indent=2))
        return 0
    annotated = counted(standing.annotated, "annotated case", "annotated cases")
    print(
        f"{annotated}, of which {counted(standing.began_as_predictions, 'began as a prediction', 'began as predictions')}."
    )
    for case, reason in standing.flagged.items():
        print(f"{case}: put aside{f' ({reason})' if reason else ''}.")
    for why in (*standing.unread.values(), *filter(None, [standing.few_shared])):
        print(why)
    for one in standing.rounds:
        print(sentence_of(one).sentence)
        if one.change is not None:
            print(f"  {sentence_of_change(one.change).sentence}")
    if standing.reannotated:
        print(sentence_of_reannotated(standing.reannotated).sentence)
    print("\n".join([standing.another_round.sentence, *_model_by_now(arguments.loop)]))
    return 0


def _with_sentence(record: Any, name: str, problem: Problem) -> dict[str, Any]:
    """A record as plain data, with a problem of it as its sentence and as data."""
    plain = {key: getattr(record, key) for key in record.__dataclass_fields__}
    return {**plain, name: problem.sentence, "problem": problem.to_json()}


def _told(problems: Sequence[Problem]) -> int:
    for problem in problems:
        say(problem.sentence)
    return int(any(problem.severity != "note" for problem in problems))
