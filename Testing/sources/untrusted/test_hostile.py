"""A corpus of model files that were made to do harm, written here: nothing in them runs, nothing is written where it should
not be, and each is one sentence."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_models import UNET, nnunet_plans, write_bundle, write_nnunet

from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.networks import build
from TransferSegLib.sources.folder import save_source

Words = list[str]


class Touches:
    """Unpickling it with Python's own pickle creates the file."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self):
        return os.system, (f"touch '{self.victim}'",)


CARD = ModelCard(
    format=2,
    name="tiny",
    title="Tiny",
    description="",
    modality="mr",
    body_part="knee",
    labels=(CardLabel(1, "bone"),),
    channels=("MR",),
    network=CardNetwork("ratlesnetv2", {"filters": 2}),
    preprocessing=Preprocessing(None),
    patch_size=(16, 16, 16),
    trained_on="made-up cases",
    licence="MIT",
    citation="",
)


def model(folder: Path, **card: object) -> Path:
    """A sound model, whose card is then changed by hand."""
    save_source(folder, CARD, build("ratlesnetv2", 1, 2, {"filters": 2}).state_dict())
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"weights_sha256": None} | card))
    return folder


def with_weights(folder: Path, content: bytes, name: str = "weights.pt") -> Words:
    """A sound card beside weights that are not."""
    model(folder)
    (folder / "weights.safetensors").unlink()
    (folder / name).write_bytes(content)
    return ["sources", "add", str(folder)]


def saved(content: object, zipped: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def pickled_checkpoint(folder: Path, victim: Path, zipped: bool = True) -> Words:
    return with_weights(folder, saved({"state_dict": {"a": torch.zeros(2)}, "x": Touches(victim)}, zipped))


def bare_pickle(folder: Path, victim: Path) -> Words:
    return with_weights(folder, pickle.dumps(Touches(victim), protocol=2))


def pickled_numpy(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Touches(victim)], dtype=object), allow_pickle=True)
    return with_weights(folder, buffer.getvalue())


def pickled_numpy_archive(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, weights=np.array([Touches(victim)], dtype=object))
    return with_weights(folder, buffer.getvalue())


def pickled_numpy_inside_a_checkpoint(folder: Path, victim: Path) -> Words:
    return with_weights(folder, saved({"a": torch.zeros(2), "n": np.array([Touches(victim)], dtype=object)}))


def huge_numpy_scalar_inside_a_checkpoint(folder: Path, victim: Path) -> Words:
    class Void:
        def __reduce__(self):
            return np._core.multiarray.scalar, (np.dtype("V2000000000"),)

    return with_weights(folder, saved({"a": torch.zeros(2), "n": Void()}))


def torchscript(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), buffer)
    return with_weights(folder, buffer.getvalue())


def expanded_tensor(folder: Path, victim: Path) -> Words:
    return with_weights(folder, saved({"a": torch.zeros(1).expand(10**12)}))


def tensor_beyond_its_storage(folder: Path, victim: Path) -> Words:
    content = saved({"a": torch.zeros(3)}, zipped=False)
    return with_weights(folder, content.replace(b"K\x03\x85", b"J\xff\xff\xff\x7f\x85"))


def safetensors_of_absurd_size(folder: Path, victim: Path) -> Words:
    header = json.dumps({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}).encode()
    return with_weights(folder, struct.pack("<Q", len(header)) + header + bytes(16), "weights.safetensors")


def safetensors_with_an_absurd_header(folder: Path, victim: Path) -> Words:
    return with_weights(folder, struct.pack("<Q", 2**62) + b"{}", "weights.safetensors")


def compressed_weights(folder: Path, victim: Path) -> Words:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(20 * 1024**2))
    return with_weights(folder, buffer.getvalue())


def card_of_an_absurd_network(folder: Path, victim: Path) -> Words:
    model(folder, network={"name": "ratlesnetv2", "arguments": {"filters": 8000}})
    return ["sources", "add", str(folder)]


def card_of_an_endless_network(folder: Path, victim: Path) -> Words:
    arguments = {"channels": [4, 8], "strides": [2], "num_res_units": 10**9}
    model(folder, network={"name": "monai-unet", "arguments": arguments})
    return ["sources", "add", str(folder)]


def card_that_names_code(folder: Path, victim: Path) -> Words:
    model(folder, network={"name": "os.system", "arguments": {"command": f"touch '{victim}'"}})
    return ["sources", "add", str(folder)]


def card_with_code_deep_in_an_argument(folder: Path, victim: Path) -> Words:
    arguments = {"channels": [4, 8], "strides": [2], "norm": ["instance", {"affine": f"$open('{victim}', 'w')"}]}
    return ["sources", "add", str(model(folder, network={"name": "monai-unet", "arguments": arguments}))]


def card_with_a_target_deep_in_an_argument(folder: Path, victim: Path) -> Words:
    target = {"_target_": "os.system", "command": f"touch {victim.name}"}
    arguments = {"channels": [4, 8], "strides": [2], "norm": ["instance", {"affine": target}]}
    return ["sources", "add", str(model(folder, network={"name": "monai-unet", "arguments": arguments}))]


def card_of_many_labels(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, labels=[{"value": n, "name": f"{n}"} for n in range(1, 20_000)]))]


def card_with_a_path(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, weights="/etc/passwd"))]


def card_whose_name_is_a_path(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, name="../../../victim"))]


def card_whose_weights_are_a_link(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "weights.safetensors").rename(folder.parent / "elsewhere.safetensors")
    (folder / "weights.safetensors").symlink_to(folder.parent / "elsewhere.safetensors")
    return ["sources", "add", str(folder)]


def card_nested_without_end(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").write_text("[" * 100_000)
    return ["sources", "add", str(folder)]


def card_with_an_endless_number(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").write_text('{"format": ' + "1" * 10_000 + "}")
    return ["sources", "add", str(folder)]


def card_that_hides_a_line(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, licence="none\x1b[1A\x1b[2KMIT"))]


def card_that_is_a_link(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").rename(folder.parent / "elsewhere.json")
    (folder / "card.json").symlink_to(folder.parent / "elsewhere.json")
    return ["sources", "add", str(folder)]


def card_that_is_a_device(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").unlink()
    (folder / "card.json").symlink_to("/dev/zero")
    return ["sources", "add", str(folder)]


def card_that_is_a_pipe(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").unlink()
    os.mkfifo(folder / "card.json")
    return ["sources", "add", str(folder)]


def card_of_absurd_length(folder: Path, victim: Path) -> Words:
    model(folder)
    (folder / "card.json").write_text('{"title": "' + "x" * (33 * 1024**2) + '"}')
    return ["sources", "add", str(folder)]


def card_nested_deeper_than_a_stack(folder: Path, victim: Path) -> Words:
    nested: object = 1
    for _ in range(900):
        nested = [nested]
    return ["sources", "add", str(model(folder, made_by={"a": nested}))]


def card_with_half_a_character(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, title="\ud800"))]


def card_written_backwards(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, licence="CC-BY \u202eCN\u202c"))]


def card_with_a_line_of_its_own(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, licence="MIT\nnot MIT"))]


def card_that_hides_in_a_key(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, made_by={"\x1b[2K": 1}))]


def card_with_a_book_for_a_title(folder: Path, victim: Path) -> Words:
    return ["sources", "add", str(model(folder, title="x" * 10**6))]


def card_with_spacing_that_is_no_number(folder: Path, victim: Path) -> Words:
    model(folder)
    path = folder / "card.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"spacing_mm": null', '"spacing_mm": [NaN, 1, 1]'))
    return ["sources", "add", str(folder)]


def bundle(folder: Path, **config: object) -> Words:
    write_bundle(folder, config=config)
    return ["sources", "import", str(folder)]


def network(folder: Path, **changes: object) -> Words:
    return bundle(folder, network_def={**UNET, **changes})


def expression_as_network(folder: Path, victim: Path) -> Words:
    return bundle(folder, network_def=f"$__import__('os').system(\"touch '{victim}'\")")


def expression_as_argument(folder: Path, victim: Path) -> Words:
    return network(folder, channels=f"$[open('{victim}', 'w').close() or 4, 8, 16]")


def expression_behind_references(folder: Path, victim: Path) -> Words:
    return bundle(folder, network_def={**UNET, "channels": "@a#b"}, a={"b": "@c"}, c=f"$open('{victim}', 'w')")


def target_of_the_system(folder: Path, victim: Path) -> Words:
    return bundle(folder, network_def={"_target_": "os.system", "command": f"touch '{victim}'"})


def target_of_the_builtins(folder: Path, victim: Path) -> Words:
    return bundle(folder, network_def={"_target_": "builtins.exec", "source": f"open('{victim}', 'w')"})


def target_that_only_looks_like_monai(folder: Path, victim: Path) -> Words:
    return network(folder, _target_="monai.networks.nets.UNet; import os")


def target_in_scripts(folder: Path, victim: Path) -> Words:
    words = network(folder, _target_="scripts.net.UNet")
    (folder / "scripts").mkdir()
    for name in ("__init__.py", "net.py"):
        (folder / "scripts" / name).write_text(f"open({str(victim)!r}, 'w')")
    return words


def target_nested_in_an_argument(folder: Path, victim: Path) -> Words:
    return network(folder, act={"_target_": "os.system", "command": f"touch '{victim}'"})


def target_deep_in_an_argument(folder: Path, victim: Path) -> Words:
    return network(folder, norm=["instance", {"affine": {"_target_": "os.system", "command": f"touch {victim.name}"}}])


def requirement(folder: Path, victim: Path) -> Words:
    return network(folder, _requires_=f"$open('{victim}', 'w')")


def disabled_by_an_expression(folder: Path, victim: Path) -> Words:
    return network(folder, _disabled_=f"$open('{victim}', 'w')")


def mode_of_partial_calls(folder: Path, victim: Path) -> Words:
    return network(folder, _mode_="callable")


def include(folder: Path, victim: Path) -> Words:
    return network(folder, channels="%/etc/passwd")


def transform_that_runs(folder: Path, victim: Path) -> Words:
    transforms = [{"_target_": "Lambdad", "keys": "image", "func": f"$lambda x: open('{victim}', 'w')"}]
    return bundle(folder, preprocessing={"_target_": "Compose", "transforms": transforms})


def transform_disabled_by_an_expression(folder: Path, victim: Path) -> Words:
    transforms = [
        {"_target_": "Spacingd", "keys": "image", "pixdim": [1, 1, 1], "_disabled_": f"$open('{victim}', 'w')"}
    ]
    return bundle(folder, preprocessing={"_target_": "Compose", "transforms": transforms})


def yaml_that_builds_objects(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    (folder / "configs" / "inference.json").unlink()
    (folder / "configs" / "inference.yaml").write_text(
        f"network_def: !!python/object/apply:os.system [\"touch '{victim}'\"]\n"
    )
    return words


def yaml_of_many_laughs(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    (folder / "configs" / "inference.json").unlink()
    lines = ["a0: &a0 [1, 1]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)), "network_def: *a59"]
    (folder / "configs" / "inference.yaml").write_text("\n".join(lines))
    return words


def yaml_with_numbers_for_names(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    (folder / "configs" / "inference.json").unlink()
    (folder / "configs" / "inference.yaml").write_text("network_def: {_target_: UNet, 1: 2, 2020-01-01: [3]}\n")
    return words


def references_of_many_laughs(folder: Path, victim: Path) -> Words:
    laughs = {f"a{n}": [f"@a{n - 1}"] * 8 for n in range(1, 30)}
    return bundle(folder, a0=1, **laughs, network_def={**UNET, "channels": "@a29"})


def a_long_list_for_each_of_many_transforms(folder: Path, victim: Path) -> Words:
    transforms = [{"_target_": "LoadImaged", "keys": "@b", "_disabled_": "@b"}] * 100
    return bundle(folder, b=["image"] * 1000, preprocessing={"_target_": "Compose", "transforms": transforms})


def references_in_a_circle(folder: Path, victim: Path) -> Words:
    return bundle(folder, a="@b", b="@a", network_def="@a")


def configuration_nested_without_end(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    (folder / "configs" / "inference.json").write_text('{"a":' * 100_000)
    return words


def configuration_of_absurd_size(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    (folder / "configs" / "inference.json").write_bytes(b" " * (6 * 1024**2))
    return words


def bundle_with_pickled_weights(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    torch.save({"model": {"a": torch.zeros(2)}, "x": Touches(victim)}, folder / "models" / "model.pt")
    return words


def bundle_with_torchscript_alone(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), folder / "models" / "model.ts")
    (folder / "models" / "model.pt").unlink()
    return words


def bundle_whose_weights_are_a_link(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    (folder / "models" / "model.pt").rename(folder.parent / "elsewhere.pt")
    (folder / "models" / "model.pt").symlink_to(folder.parent / "elsewhere.pt")
    return words


def bundle_asked_for_weights_outside(folder: Path, victim: Path) -> Words:
    words = bundle(folder)
    shutil.copy(folder / "models" / "model.pt", folder.parent / "elsewhere.pt")
    return [*words, "--weights", "../elsewhere.pt"]


def nnunet_with_a_pickled_checkpoint(folder: Path, victim: Path) -> Words:
    write_nnunet(folder)
    path = folder / "fold_0" / "checkpoint_final.pth"
    torch.save({"network_weights": {"a": torch.zeros(2)}, "init_args": Touches(victim)}, path)
    return ["sources", "import", str(folder)]


def nnunet_whose_plans_name_code(folder: Path, victim: Path) -> Words:
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["architecture"]["network_class_name"] = "os.system"
    write_nnunet(folder, plans)
    return ["sources", "import", str(folder)]


def nnunet_whose_plans_inherit_from_themselves(folder: Path, victim: Path) -> Words:
    plans = nnunet_plans()
    plans["configurations"] = {"3d_fullres": {"inherits_from": "3d_fullres"}}
    write_nnunet(folder, plans)
    return ["sources", "import", str(folder)]


def nnunet_of_many_labels(folder: Path, victim: Path) -> Words:
    write_nnunet(folder)
    path = folder / "dataset.json"
    labels = {"labels": {f"label {n}": n for n in range(300)}}
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | labels))
    return ["sources", "import", str(folder)]


def nnunet_of_absurd_size(folder: Path, victim: Path) -> Words:
    plans = nnunet_plans()
    plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"]["features_per_stage"] = [8000, 8000, 8000]
    write_nnunet(folder, plans)
    return ["sources", "import", str(folder)]


def archive(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Words:
    """A sound bundle's zip with more members."""
    write_bundle(folder / "inner" / "bundle")
    path = Path(shutil.make_archive(str(folder / "bundle"), "zip", folder / "inner"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return ["sources", "import", str(path)]


def member_above_its_folder(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/../../../../../../../../.." + str(victim), b"x"))


def member_with_an_absolute_path(folder: Path, victim: Path) -> Words:
    return archive(folder, (str(victim), b"x"))


def member_with_backslashes(folder: Path, victim: Path) -> Words:
    words = archive(folder, ("bundle/..X..Xvictim.txt", b"x"))
    path = Path(words[-1])
    path.write_bytes(path.read_bytes().replace(b"..X..Xvictim", b"..\\..\\victim"))
    return words


def member_on_another_drive(folder: Path, victim: Path) -> Words:
    return archive(folder, ("C:/victim.txt", b"x"))


def link(name: str, kind: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def member_that_is_a_link(folder: Path, victim: Path) -> Words:
    return archive(folder, (link("bundle/out.txt"), str(victim.parent).encode()), ("bundle/out.txt/victim", b"x"))


def member_that_is_a_device(folder: Path, victim: Path) -> Words:
    return archive(folder, (link("bundle/device", stat.S_IFCHR), b""))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def member_twice(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/configs/inference.json", b"{}"))


def member_twice_but_for_its_case(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/Configs/INFERENCE.json", b"{}"))


def member_twice_by_a_detour(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/./configs//inference.json", b"{}"))


def member_that_windows_takes_for_a_device(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/configs/aux.json", b"{}"))


def member_that_windows_takes_for_another(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/configs. /inference.json", b"{}"))


def member_whose_name_hides(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/\x1b[2K.json", b"{}"))


def member_of_unusual_compression(folder: Path, victim: Path) -> Words:
    words = archive(folder)
    with zipfile.ZipFile(words[-1], "a", zipfile.ZIP_LZMA) as opened:
        opened.writestr("bundle/other.json", b"{}")
    return words


def encrypted_member(folder: Path, victim: Path) -> Words:
    words = archive(folder, ("bundle/other.json", b"{}"))
    path = Path(words[-1])
    content = bytearray(path.read_bytes())
    central = content.rindex(b"PK\x01\x02")
    content[central + 8] |= 1
    path.write_bytes(content)
    return words


def member_of_huge_ratio(folder: Path, victim: Path) -> Words:
    return archive(folder, ("bundle/models/other.pt", bytes(64 * 1024**2)))


def archive_of_many_members(folder: Path, victim: Path) -> Words:
    return archive(folder, *((f"{n}.txt", b"") for n in range(10_001)))


def archive_cut_short(folder: Path, victim: Path) -> Words:
    words = archive(folder)
    path = Path(words[-1])
    path.write_bytes(path.read_bytes()[:-200])
    return words


def archive_with_pickled_weights(folder: Path, victim: Path) -> Words:
    write_bundle(folder / "inner" / "bundle")
    torch.save({"a": torch.zeros(2), "x": Touches(victim)}, folder / "inner" / "bundle" / "models" / "model.pt")
    return ["sources", "import", shutil.make_archive(str(folder / "bundle"), "zip", folder / "inner")]


def legacy_pickled_checkpoint(folder: Path, victim: Path) -> Words:
    return pickled_checkpoint(folder, victim, zipped=False)


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


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


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


def test_unpacking_leaves_scripts_and_programs_in_the_archive(tmp_path):
    from TransferSegLib.sources.untrusted.archives import unpack

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in (
            "configs/inference.json",
            "scripts/__init__.py",
            "models/model.ts",
            "configs/logging.conf",
            "LICENSE",
        ):
            opened.writestr(name, b"{}")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert {str(path.relative_to(tmp_path / "out")) for path in files(tmp_path / "out")} == {
        "configs/inference.json",
        "LICENSE",
    }


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("x.json", "x.json/y.json"), "member `x.json` is a file, and a folder of other members"),
        (("A/y.json", "a"), "member `a` is a file, and a folder of other members"),
        (("a" * 300 + ".json",), "has a name that is too long for a file"),
        (("ä" * 130 + ".json",), "has a name that is too long for a file"),
        (("a/" * 600 + "x.json",), "has a name that is too long for a file"),
    ],
)
def test_names_that_no_folder_can_hold_are_said_to_be_that(tmp_path, names, says):
    from TransferSegLib.sources.untrusted.archives import unpack

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in names:
            opened.writestr(name, b"{}")
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError) as caught:
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert says in str(caught.value) and "free space" not in str(caught.value)
    assert not files(tmp_path / "out")


def test_an_archive_with_its_folders_listed_unpacks(tmp_path):
    from TransferSegLib.sources.untrusted.archives import unpack

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in ("a/", "a/b/", "a/b/x.json", "a/y.json"):
            opened.writestr(name, b"" if name.endswith("/") else b"{}")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert len(files(tmp_path / "out")) == 2


def test_the_corpus_is_made_from_models_that_are_sound(tmp_path):
    assert main(["sources", "add", str(model(tmp_path / "model"))]) == 0
    assert main(bundle(tmp_path / "bundle")) == 0
    assert main([*archive(tmp_path / "zip"), "--name", "zipped"]) == 0
    write_nnunet(tmp_path / "nnunet")
    assert main(["sources", "import", str(tmp_path / "nnunet")]) == 0
