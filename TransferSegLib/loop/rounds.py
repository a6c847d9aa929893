"""The rounds of a loop: each is a job on all cases that are annotated by then, and goes on from the round before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import (
    JOB_FORMAT,
    JobSpec,
    StrategyChoice,
    adapt_strategies,
    recommended_strategies,
)
from TransferSegLib.jobs.status import job_status
from TransferSegLib.loop.folder import Loop, LoopFolder
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES


def unfinished_round(folder: LoopFolder) -> JobFolder | None:
    """The round that was begun and has not ended; None where there is none."""
    rounds = folder.rounds()
    return rounds[-1] if rounds and job_status(rounds[-1].path).state != "done" else None


def put_replaced_aside(folder: LoopFolder, loop: Loop) -> None:
    """Move what was replaced while a round was at work with it, now that the round has ended.

    Raises:
        JobError: The disk refuses it.
    """
    given = {name for job in folder.rounds() for name in folder.labels_of_round(job)}
    for name in sorted(given - {one.label for one in loop.annotations}):
        folder.put_aside(name)


def begin_round(path: Path, choice: StrategyChoice, training: TrainingOptions) -> JobFolder:
    """Make the job of the next round, which is then run as any job is.

    Args:
        path: The loop's folder.
        choice: The strategy; `auto` lets the job find the best one.
        training: The training settings.

    Returns:
        The job. A round that has not ended is refused: it is to be resumed.

    Raises:
        InputError: Nothing is annotated, the loop cannot be used, or no round could go on from what the strategy makes.
        JobError: A file cannot be written.
    """
    if choice.name in STRATEGIES and not STRATEGIES[choice.name].keeps_network:
        raise InputError(
            "loop-strategy-of-other-network",
            "strategy `{strategy}` makes another network, from which no later round could go on; choose another one for a "
            "loop, or try this one by `{command}`.",
            strategy=choice.name,
            command="transferseg adapt",
        )
    folder = LoopFolder(path)
    folder.read()  # before a lock is put where no loop is
    with folder.locked():
        return _begin(folder, choice, training)


def _begin(folder: LoopFolder, choice: StrategyChoice, training: TrainingOptions) -> JobFolder:
    """Make the job of the next round, in a loop that is `locked`."""
    loop = folder.read()
    before = unfinished_round(folder)
    if before is not None:
        raise InputError(
            "loop-round-unfinished",
            "{path}: this round has not ended; go on with it by `{command}`, or delete its folder.",
            path=before.path,
            command=folder.command("adapt"),
        )
    source = folder.source(loop)
    cases = folder.cases(loop, len(source.card.channels))
    gone = [name for name in loop.by_case if name not in cases]
    if gone:
        raise InputError(
            "loop-scans-gone",
            "{path}: the {gone:~scan|scans} {gone:…`} {gone:~is|are} not there any more, and annotated; put "
            "{gone:~it|them} back.",
            path=loop.images,
            gone=gone,
        )
    if not any(one.role == "train" for one in loop.annotations):
        raise InputError(
            "loop-nothing-annotated",
            "{path}: no case is annotated yet that can be trained on; `{command}` says which to begin with.",
            path=folder.path,
            command=folder.command("next"),
        )
    folder.label_names()
    put_replaced_aside(folder, loop)
    done = folder.finished_rounds()
    number = 1 + max((int(job.path.name.removeprefix("round-")) for job in folder.rounds()), default=0)
    job = folder.path / f"round-{number}"
    table = folder.path / f"round-{number}.csv"
    folder.write_table(table, [cases[name] for name in sorted(loop.by_case)], loop.by_case)
    folder.change(lambda now: replace(now, began_in={**now.began_in, job.name: now.began}))
    recommends = choice.name == AUTO
    spec = JobSpec(
        JOB_FORMAT,
        "adapt",
        str(table),
        recommended_strategies(source.card, training) if recommends else adapt_strategies(choice, source.card),
        AUTO if recommends else choice.key,
        source=str(source.folder.absolute()),
        training=training,
        title="",
        parent=str(done[-1].path) if done else None,
        label_map=loop.label_map,
    )
    return JobFolder.create(job, spec)
