"""How long a job takes alone, and beside another one on the same cores, with OpenMP's threads waiting as they do by default
and as `transferseg` lets them.

Each job is a process of its own, `transferseg adapt` with a few steps on shifted hippocampus cases. Two jobs begin at the
same moment. All four ways run in turn, round after round.

    python benchmarks/contention.py [--rounds 5] [--steps 60] [--quick]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import figures
from shifted_hippocampus import CASES, QUICK_CASES, write_source, write_target

from TransferSegLib.cli.openmp import VARIABLES
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results

PATCH = "48 64 48"
# What GNU's OpenMP does where nothing is set; set by a person, it is left as it is.
SPINNING = {"GOMP_SPINCOUNT": "300000"}
WAYS: dict[str, Mapping[str, str]] = {
    "threads spin, as is the default": SPINNING,
    "threads wait for a moment, then sleep (ours)": {},
}
OLD, NEW = WAYS


def run_jobs(
    source: Path, target: Path, out: Path, steps: int, count: int, given: Mapping[str, str]
) -> tuple[float, float]:
    """Run jobs that begin at the same moment.

    Args:
        source: The source model.
        target: The data set.
        out: A folder for the jobs, which is deleted.
        steps: How long each trains.
        count: How many jobs.
        given: Variables of the environment that say how threads wait.

    Returns:
        Seconds until all have ended; the mean seconds of a step of the slowest.
    """
    shutil.rmtree(out, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES} | dict(given)
    jobs = [JobFolder(out / str(n)) for n in range(count)]
    began = time.perf_counter()
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "TransferSegLib", "adapt", "--source", str(source), "--target", str(target)),
                *("--strategy", "open", "--folds", "0", "--steps", str(steps), "--batch-size", "2"),
                *("--patch-size", *PATCH.split(), "--device", "cpu", "--out", str(job.path)),
            ],
            cwd=figures.ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for job in jobs
    ]
    codes = [process.wait() for process in processes]
    seconds = time.perf_counter() - began
    if any(code not in (0, 1) for code in codes):
        raise SystemExit(f"jobs ended with {codes}; see {out}")
    results = [result for job in jobs for result in unit_results(job, job.read_spec()) if result.seconds]
    slowest = max((result.seconds or 0.0) / result.steps for result in results)
    shutil.rmtree(out)
    return seconds, slowest


def benchmark(source: Path, target: Path, out: Path, rounds: int, steps: int) -> figures.Result:
    """Medians over the rounds."""
    measured: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for number in range(rounds):
        for way, given in WAYS.items():
            for count in (1, 2):
                found = run_jobs(source, target, out, steps, count, given)
                measured.setdefault((way, count), []).append(found)
                print(f"round {number + 1}, {way}, {count}: {found[0]:.1f} s, {found[1]:.3f} s a step", flush=True)
    whole = {key: statistics.median(seconds for seconds, _ in found) for key, found in measured.items()}
    step = {key: statistics.median(seconds for _, seconds in found) for key, found in measured.items()}
    rows = [
        [
            way,
            f"{whole[way, 1]:.1f}",
            f"{whole[way, 2]:.1f}",
            f"{whole[way, 2] / whole[way, 1]:.2f}",
            f"{1000 * step[way, 1]:.0f}",
            f"{1000 * step[way, 2]:.0f}",
        ]
        for way in WAYS
    ]
    header = ("", "one job, s", "two at once, s", "ratio", "a step alone, ms", "a step beside another, ms")
    checks = [
        figures.Check("two jobs at once / one", whole[NEW, 2] / whole[NEW, 1], 2.5, False, "×"),
        figures.Check("one job alone, ours / threads spin", whole[NEW, 1] / whole[OLD, 1], 1.05, False, "×"),
    ]
    details = {f"{way}, {count}": found for (way, count), found in measured.items()}
    return figures.Result(header, rows, checks, details)


def source_model(out: Path, cases: Path, steps: int) -> Path:
    """A source model, unless it is there: how good it is changes no time."""
    if not (out / "model" / "card.json").exists():
        shutil.rmtree(out, ignore_errors=True)
        command = [
            "-m",
            "TransferSegLib",
            "pretrain",
            "--data",
            str(cases),
            "--network",
            "monai-unet",
            "--steps",
            str(steps),
        ]
        command += ["--batch-size", "2", "--patch-size", *PATCH.split(), "--device", "cpu", "--out", str(out)]
        subprocess.run([sys.executable, *command], cwd=figures.ROOT, check=True, stdout=subprocess.DEVNULL)
    return out / "model"


def main() -> None:
    parser = figures.parser(__doc__, "contention")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60, help="of each job")
    given = parser.parse_args()
    work = figures.folder(given.quick)
    sizes = QUICK_CASES if given.quick else CASES
    cases = write_source(work / "data" / "source-contention", QUICK_CASES[0])
    target = write_target(work / "data" / "target-contention", sizes[0], QUICK_CASES[1], QUICK_CASES[2])
    source = source_model(work / "source-contention", cases, 4)
    rounds, steps = (1, 2) if given.quick else (given.rounds, given.steps)
    result = benchmark(source, target, work / "contention-jobs", rounds, steps)
    result.publish(given.json or work / "contention.json")


if __name__ == "__main__":
    main()
