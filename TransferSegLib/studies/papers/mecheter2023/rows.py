"""Which rows of a study are what in Mecheter 2023: its approaches, its layers, its ways to join two encoders."""

from __future__ import annotations

from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.studies.entries import with_most_cases
from TransferSegLib.studies.papers.mecheter2023.grid import FUSION_TITLES, FUSIONS, OF_T1W, T2W
from TransferSegLib.studies.results import Results


def adapted(results: Results) -> Results:
    """What tables 3 to 8 are about: the model of T1-weighted heads, adapted to T2-weighted ones with all patients."""
    return with_most_cases(of_layers_and_sizes(results))


def of_layers_and_sizes(results: Results) -> Results:
    """The same with any number of patients."""
    return results.where(source=OF_T1W, target=T2W)


def by_option(results: Results, name: str) -> dict[int | str | None, Results]:
    """The rows of a strategy by its option: the layers of `conservative`, in their order, the fusion of `hybrid`."""
    found: dict[int | str | None, Results] = {}
    for key in results.levels("strategy"):
        choice = StrategyChoice.parse(key)
        if choice.name == name:
            option = choice.options.get("layers", choice.options.get("fusion"))
            found[option if isinstance(option, int | str) else None] = results.where(strategy=key)
    return dict(sorted(found.items(), key=lambda item: _rank(item[0])))


def _rank(option: int | str | None) -> int:
    if isinstance(option, int):
        return option
    return FUSIONS.index(option) if option in FUSIONS else len(FUSIONS)


def layers_title(layers: int | str | None) -> str:
    """What the paper calls a number of layers: `FC`, `6 Conv`."""
    return "FC" if layers == 0 else f"{layers} Conv"


def fusion_title(fusion: int | str | None) -> str:
    """What the paper calls a way of joining two encoders: `multiplication`."""
    return FUSION_TITLES.get(str(fusion), str(fusion))


def approaches_of(results: Results) -> dict[str, Results]:
    """Every way of training of tables 3 to 5, by its title."""
    return {
        "Transfer learning without fine tuning": results.where(strategy="direct"),
        "Open fine tuning": results.where(strategy="open"),
        **{f"Fine tune {layers_title(n)}": rows for n, rows in by_option(results, "conservative").items()},
        **{f"Hybrid, {fusion_title(fusion)}": rows for fusion, rows in by_option(results, "hybrid").items()},
    }
