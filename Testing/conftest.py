"""What several tests share: tiny phantoms, a tiny source model trained on them, and where real data would be."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from warm_python import do_not_wait_for_the_disk, leave_out_files_of_figures

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.training.options import TrainingOptions

REAL_DATA = Path(os.environ.get("TRANSFERSEG_DATA", Path(__file__).resolve().parents[2] / "shared"))
TINY = (24, 24, 16)
# Files with a test of a minute or more. They are begun first, so that no core waits for one of them at the end.
LONGEST = (
    "test_screenshots.py",
    "test_session.py",
    "test_demo.py",
    "test_readme.py",
    "test_cmake.py",
    "test_going_round.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full-product",
        action="store_true",
        help="every strategy with every option on every network, not only each of them once with some of the others",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full_product: run with --full-product alone")
    config.addinivalue_line("markers", "cold: commands of the panel begin as a person's do, with nothing imported")
    # No test reads the models of whoever runs it; what a test starts in a process of its own does not either.
    models = tempfile.TemporaryDirectory(prefix="transferseg-models-")
    config.add_cleanup(models.cleanup)
    os.environ["TRANSFERSEG_MODELS"] = models.name
    do_not_wait_for_the_disk()
    gc.disable()  # what is imported and collected stays; to look through it again and again takes seconds


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--full-product"):
        left_out = [item for item in items if item.get_closest_marker("full_product")]
        items[:] = [item for item in items if not item.get_closest_marker("full_product")]
        config.hook.pytest_deselected(items=left_out)
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    gc.freeze()
    gc.enable()
    leave_out_files_of_figures()


@pytest.fixture
def files_of_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of a report are written beside it, as they are outside tests."""
    from TransferSegLib.evaluation import report
    from TransferSegLib.evaluation.figures.style import write_figure

    monkeypatch.setattr(report, "write_figure", write_figure)


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """phantoms(modality, count): a data set of tiny heads, made once a session."""
    made: dict[tuple[str, int], Path] = {}

    def make(modality: str, count: int) -> Path:
        if (modality, count) not in made:
            made[modality, count] = tmp_path_factory.mktemp("phantoms") / f"{modality} {count}"
            write_phantoms(made[modality, count], modality, count, 7, TINY)  # type: ignore[arg-type]
        return made[modality, count]

    return make


@pytest.fixture(scope="session")
def tiny_source(tmp_path_factory: pytest.TempPathFactory, phantoms: Callable[[str, int], Path]) -> Path:
    """The folder of a source model: Mecheter's network with four feature maps, a few steps on T1-weighted phantoms."""
    from TransferSegLib.jobs.worker import run_job

    folder = tmp_path_factory.mktemp("source") / "job"
    spec = JobSpec(
        2,
        "pretrain",
        str(phantoms("t1w", 2)),
        (StrategyChoice("scratch"),),
        network=CardNetwork("mecheter2023", {"channels": [4, 4, 4, 4]}),
        folds=0,
        training=TrainingOptions(steps=6, deterministic=True),
        title="tiny",
    )
    JobFolder.create(folder, spec)
    run_job(folder)
    return folder / "model"


@pytest.fixture(scope="session")
def hippocampus() -> Path:
    """The real cases of Task04_Hippocampus; a test that needs them is skipped, and says so, where they are not."""
    folder = REAL_DATA / "data" / "Task04_Hippocampus"
    if not folder.is_dir():
        pytest.skip(f"real data: {folder} is not there (TRANSFERSEG_DATA names the folder that holds data/)")
    return folder
