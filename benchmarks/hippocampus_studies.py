"""Two studies on real cases: what Hossain 2023 and Karimi 2021 did, on the hippocampus, from one scanner to another.

    python benchmarks/hippocampus_studies.py OUT [--only hossain2023]

The source domain is 60 cases as they are; the target domain other cases of that set, shifted as in `adaptation.py`: 76
to train and validate on, 24 to score. The grids are in `benchmarks/grids`; each takes up to an hour on two cores. A
study that is there is gone on with. `docs/hippocampus-studies.md` shows what came out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shifted_hippocampus import write_source, write_target

GRIDS = Path(__file__).resolve().parent / "grids"
STUDIES = ("hossain2023", "karimi2021")
SOURCE, TARGET, TEST = 60, 76, 24


def transferseg(*arguments: object) -> None:
    """Run the command; ends this script when it fails."""
    if code := subprocess.run([sys.executable, "-m", "TransferSegLib", *map(str, arguments)]).returncode:
        raise SystemExit(code)


def run(out: Path, studies: Sequence[str]) -> None:
    """Write the data sets, run the studies, and look into the networks of the second."""
    write_source(out / "one-scanner", SOURCE)
    write_target(out / "other-scanner", SOURCE, TARGET, TEST)
    for name in studies:
        study = out / name
        if study.exists():
            transferseg("study", "resume", study)
        else:
            data = [
                argument for one in ("one-scanner", "other-scanner") for argument in ("--data", f"{one}={out / one}")
            ]
            transferseg("study", GRIDS / f"{name}.yaml", *data, "--out", study)
    if "karimi2021" in studies:
        transferseg("analyse", out / "karimi2021", "--out", out / "karimi2021-analysis")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES)
    given = parser.parse_args()
    run(given.out.resolve(), given.only)


if __name__ == "__main__":
    main()
