"""A corpus of model files that were made to do harm: none runs or writes anything, and each is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from foreign_models import write_bundle, write_nnunet
from hostile_archives import (
    archive,
    archive_cut_short,
    archive_of_many_members,
    archive_with_pickled_weights,
    encrypted_member,
    member_above_its_folder,
    member_of_huge_ratio,
    member_of_unusual_compression,
    member_on_another_drive,
    member_that_is_a_device,
    member_that_is_a_link,
    member_that_windows_takes_for_a_device,
    member_that_windows_takes_for_another,
    member_twice,
    member_twice_but_for_its_case,
    member_twice_by_a_detour,
    member_whose_name_hides,
    member_with_an_absolute_path,
    member_with_backslashes,
)
from hostile_bundles import (
    a_long_list_for_each_of_many_transforms,
    bundle,
    bundle_asked_for_weights_outside,
    bundle_whose_weights_are_a_link,
    bundle_with_pickled_weights,
    bundle_with_torchscript_alone,
    configuration_nested_without_end,
    configuration_of_absurd_size,
    disabled_by_an_expression,
    expression_as_argument,
    expression_as_network,
    expression_behind_references,
    include,
    mode_of_partial_calls,
    references_in_a_circle,
    references_of_many_laughs,
    requirement,
    target_deep_in_an_argument,
    target_in_scripts,
    target_nested_in_an_argument,
    target_of_the_builtins,
    target_of_the_system,
    target_that_only_looks_like_monai,
    transform_disabled_by_an_expression,
    transform_that_runs,
    yaml_of_many_laughs,
    yaml_that_builds_objects,
    yaml_with_numbers_for_names,
)
from hostile_cards import (
    card_nested_deeper_than_a_stack,
    card_nested_without_end,
    card_of_absurd_length,
    card_of_an_absurd_network,
    card_of_an_endless_network,
    card_of_many_labels,
    card_that_hides_a_line,
    card_that_hides_in_a_key,
    card_that_is_a_device,
    card_that_is_a_link,
    card_that_is_a_pipe,
    card_that_names_code,
    card_whose_name_is_a_path,
    card_whose_weights_are_a_link,
    card_with_a_book_for_a_title,
    card_with_a_line_of_its_own,
    card_with_a_path,
    card_with_a_target_deep_in_an_argument,
    card_with_an_endless_number,
    card_with_code_deep_in_an_argument,
    card_with_half_a_character,
    card_with_spacing_that_is_no_number,
    card_written_backwards,
)
from hostile_models import CARD, Words, files, model
from hostile_nnunet import (
    nnunet_of_absurd_size,
    nnunet_of_many_labels,
    nnunet_whose_plans_inherit_from_themselves,
    nnunet_whose_plans_name_code,
    nnunet_with_a_pickled_checkpoint,
)
from hostile_weights import (
    bare_pickle,
    compressed_weights,
    expanded_tensor,
    huge_numpy_scalar_inside_a_checkpoint,
    legacy_pickled_checkpoint,
    pickled_checkpoint,
    pickled_numpy,
    pickled_numpy_archive,
    pickled_numpy_inside_a_checkpoint,
    safetensors_of_absurd_size,
    safetensors_with_an_absurd_header,
    tensor_beyond_its_storage,
    torchscript,
)

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build

CORPUS: list[Callable[[Path, Path], Words]] = [
    pickled_checkpoint,
    legacy_pickled_checkpoint,
    bare_pickle,
    pickled_numpy,
    pickled_numpy_archive,
    pickled_numpy_inside_a_checkpoint,
    huge_numpy_scalar_inside_a_checkpoint,
    torchscript,
    expanded_tensor,
    tensor_beyond_its_storage,
    safetensors_of_absurd_size,
    safetensors_with_an_absurd_header,
    compressed_weights,
    card_of_an_absurd_network,
    card_of_an_endless_network,
    card_that_names_code,
    card_with_code_deep_in_an_argument,
    card_with_a_target_deep_in_an_argument,
    card_of_many_labels,
    card_with_a_path,
    card_whose_name_is_a_path,
    card_whose_weights_are_a_link,
    card_nested_without_end,
    card_with_an_endless_number,
    card_that_hides_a_line,
    card_that_is_a_link,
    card_that_is_a_device,
    card_that_is_a_pipe,
    card_of_absurd_length,
    card_nested_deeper_than_a_stack,
    card_with_half_a_character,
    card_written_backwards,
    card_with_a_line_of_its_own,
    card_that_hides_in_a_key,
    card_with_a_book_for_a_title,
    card_with_spacing_that_is_no_number,
    expression_as_network,
    expression_as_argument,
    expression_behind_references,
    target_of_the_system,
    target_of_the_builtins,
    target_that_only_looks_like_monai,
    target_in_scripts,
    target_nested_in_an_argument,
    target_deep_in_an_argument,
    requirement,
    disabled_by_an_expression,
    mode_of_partial_calls,
    include,
    transform_that_runs,
    transform_disabled_by_an_expression,
    yaml_that_builds_objects,
    yaml_of_many_laughs,
    yaml_with_numbers_for_names,
    references_of_many_laughs,
    a_long_list_for_each_of_many_transforms,
    references_in_a_circle,
    configuration_nested_without_end,
    configuration_of_absurd_size,
    bundle_with_pickled_weights,
    bundle_with_torchscript_alone,
    bundle_whose_weights_are_a_link,
    bundle_asked_for_weights_outside,
    nnunet_with_a_pickled_checkpoint,
    nnunet_whose_plans_name_code,
    nnunet_whose_plans_inherit_from_themselves,
    nnunet_of_many_labels,
    nnunet_of_absurd_size,
    member_above_its_folder,
    member_with_an_absolute_path,
    member_with_backslashes,
    member_on_another_drive,
    member_that_is_a_link,
    member_that_is_a_device,
    member_twice,
    member_twice_but_for_its_case,
    member_twice_by_a_detour,
    member_that_windows_takes_for_a_device,
    member_that_windows_takes_for_another,
    member_whose_name_hides,
    member_of_unusual_compression,
    encrypted_member,
    member_of_huge_ratio,
    archive_of_many_members,
    archive_cut_short,
    archive_with_pickled_weights,
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", CORPUS, ids=lambda make: make.__name__)
def test_it_is_refused_in_one_sentence_and_neither_runs_nor_writes(make, tmp_path, capsys):
    (tmp_path / "given").mkdir()
    victim = tmp_path / "victim"
    words = make(tmp_path / "given" / "model", victim)
    before = files(tmp_path)
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told.startswith("transferseg: ") and told.count("\n") == 1, told
    assert len(told) < 700
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
    told = str(caught.value)
    assert len(told) < 1100 and "has no configuration `other`; choose one of" in told and told.endswith("9999.")


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
