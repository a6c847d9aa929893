"""A corpus of model files that were made to do harm: none runs or writes anything, and each is refused in one sentence."""

from __future__ import annotations

import hostile_archives
import hostile_bundles
import hostile_cards
import hostile_nnunet
import hostile_segresnet_ds
import hostile_weights
import pytest
from foreign_models import write_bundle, write_nnunet
from hostile_archives import archive
from hostile_bundles import bundle
from hostile_models import CARD, files, model

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build

CORPUS = [
    make
    for kind in (
        hostile_weights,
        hostile_cards,
        hostile_bundles,
        hostile_nnunet,
        hostile_segresnet_ds,
        hostile_archives,
    )
    for make in kind.CORPUS
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", CORPUS, ids=lambda make: make.__name__)
def test_it_is_refused_in_one_sentence_and_neither_runs_nor_writes(make, tmp_path, capsys):
    (tmp_path / "given").mkdir()
    victim = tmp_path / "victim"
    words = make(tmp_path / "given" / "model", victim)
    before = files(tmp_path)
    assert main(words) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("transferseg: ") and printed.count("\n") == 1, printed
    assert len(printed) < 700
    assert not victim.exists()
    assert files(tmp_path) == before


def test_a_bundles_scripts_logging_and_torchscript_are_never_touched(tmp_path, monkeypatch, capsys):
    victim = tmp_path / "victim"
    folder = tmp_path / "bundle"
    write_bundle(
        folder,
        config={
            "imports": [f"$open('{victim}', 'w')"],
            "initialize": [f"$open('{victim}', 'w')"],
            "network": f"$open('{victim}', 'w')",
            "dataset": {"_target_": "builtins.open", "file": str(victim), "mode": "w"},
        },
    )
    (folder / "scripts").mkdir()
    (folder / "scripts" / "__init__.py").write_text(f"open({str(victim)!r}, 'w')")
    (folder / "configs" / "logging.conf").write_text(
        "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n"
        f"[handler_h]\nclass=logging.FileHandler\nargs=({str(victim)!r},)\n"
    )
    (folder / "models" / "model.ts").write_bytes(b"a program")
    monkeypatch.chdir(folder)
    assert main(["sources", "import", str(folder)]) == 0
    assert not victim.exists()


def test_plans_that_inherit_from_each_other_endlessly_are_read_once(tmp_path):
    from TransferSegLib.sources.imports.importer import ImportOptions
    from TransferSegLib.sources.imports.nnunet import _configuration

    # Copying all that was inherited at each of them would take minutes.
    listed = {f"a{n}": {"inherits_from": f"a{n + 1}", f"k{n}": n, "k": n} for n in range(30_000)}
    name, settings = _configuration(tmp_path, {"configurations": listed}, {}, ImportOptions(configuration="a0"))
    assert (name, settings["k"], settings["k29999"]) == ("a0", 0, 29_999)


def test_a_sentence_stays_one_that_is_read_whatever_is_quoted_in_it(tmp_path):
    from TransferSegLib.sources.imports.importer import ImportOptions
    from TransferSegLib.sources.imports.nnunet import _configuration

    listed = {f"configuration {n}": {} for n in range(10_000)}
    with pytest.raises(InputError) as caught:
        _configuration(tmp_path, {"configurations": listed}, {}, ImportOptions(configuration="other"))
    message = str(caught.value)
    assert (
        len(message) < 1100 and "has no configuration `other`; choose one of" in message and message.endswith("9999.")
    )


def test_tensors_that_are_there_many_times_have_their_place_and_others_have_none(tmp_path):
    from TransferSegLib.sources.loading import fit, refuse_unused

    # Comparing each with each takes minutes.
    state = build("ratlesnetv2", 1, 2, {"filters": 2}).state_dict()
    tensor = next(tensor for tensor in state.values() if tensor.ndim == 5)
    tensor[0, 0, 0, 0, 0] = 0.0
    again = tensor.double()
    again[0, 0, 0, 0, 0] = -0.0
    state |= {f"again.{n}": again for n in range(3000)}
    network, report = fit(CARD, state, "here")
    refuse_unused(report, state, network, "here")
    state["again.1"] = again + 1
    with pytest.raises(InputError, match=r"the weights hold `again\.1`"):
        refuse_unused(report, state, network, "here")


def test_the_corpus_is_made_from_models_that_are_sound(tmp_path):
    assert main(["sources", "add", str(model(tmp_path / "model"))]) == 0
    assert main(bundle(tmp_path / "bundle")) == 0
    assert main([*archive(tmp_path / "zip"), "--name", "zipped"]) == 0
    write_nnunet(tmp_path / "nnunet")
    assert main(["sources", "import", str(tmp_path / "nnunet")]) == 0
