"""What a benchmark leaves: a table to read, and figures beside the targets that they must reach."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# How a benchmark ends that needs a program that is not here: nothing was measured, and nothing failed.
NOT_HERE = 3
BUILD = ROOT / "build" / "benchmarks"


@dataclass(frozen=True)
class Check:
    """A measured figure and its target: at least `limit`, or at most. `unit` follows the number (`×`, ` s`, ` mm`)."""

    what: str
    measured: float
    limit: float
    at_least: bool
    unit: str = ""

    @property
    def held(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def row(self) -> list[str]:
        """What, target, measured, reached or not."""
        sign = "≥" if self.at_least else "≤"
        return [
            self.what,
            f"{sign} {self.limit:g}{self.unit}",
            f"{shown(self.measured)}{self.unit}",
            "yes" if self.held else "**no**",
        ]


@dataclass(frozen=True)
class Result:
    """One benchmark's outcome. `details` is everything measured, for whoever wants to compute with it."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    checks: Sequence[Check]
    details: Any = None

    def publish(self, path: Path) -> None:
        """Print the tables and write the JSON file."""
        print(table(self.header, self.rows))
        if self.checks:
            print("\n" + table(("target", "", "measured", "reached"), [check.row for check in self.checks]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, data: dict[str, Any]) -> Result:
        """From what `publish` wrote."""
        checks = [Check(**check) for check in data["checks"]]
        return cls(data["header"], data["rows"], checks, data["details"])


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(value: float) -> str:
    """A number with the digits that a reader can use; small differences of Dice have four."""
    if 0 < abs(value) < 0.05:
        return f"{value:.4f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def parser(doc: str | None, name: str) -> argparse.ArgumentParser:
    """The flags that every benchmark has; see `output` for `--json`."""
    found = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--quick", action="store_true", help="tiny: shows that the script runs, measures nothing")
    found.add_argument("--json", type=Path, help=f"default build/benchmarks/{name}.json")
    return found


def folder(quick: bool) -> Path:
    """Where data, models and results go; what is tiny is kept apart, so that it is never taken for a measurement."""
    return BUILD / "quick" if quick else BUILD


def machine() -> dict[str, str]:
    """The machine and the versions that the figures are of; nothing here needs torch to be imported."""
    model, flags = platform.processor() or platform.machine(), ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        text = cpuinfo.read_text(encoding="utf-8")
        names = {
            key: match.group(1)
            for key in ("model name", "flags")
            if (match := re.search(rf"^{key}\s*: (.*)$", text, re.M))
        }
        model, flags = names.get("model name", model), names.get("flags", "")
    bfloat16 = [flag for flag in ("avx512_bf16", "amx_bf16") if flag in flags.split()]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": model,
        "cores": str(cores),
        "bfloat16 instructions": ", ".join(bfloat16) or "none found",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in ("torch", "monai", "numpy")),
    }
