"""MONAI bundles that were made to do harm."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from foreign_models import UNET, write_bundle
from hostile_models import Touches, Words


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


CORPUS: list[Callable[[Path, Path], Words]] = [
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
]
