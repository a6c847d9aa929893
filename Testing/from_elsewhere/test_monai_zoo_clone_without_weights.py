"""A bundle of MONAI's zoo as people have it: cloned without its weights, with `inputs` that lack `type`, many in one folder.

Project-MONAI/MONAI#6362: a checkout has large_files.yml in place of the weights. Project-MONAI/MONAI#8375: people look for
the weights of the zoo's models in vain.
"""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from foreign_models import write_bundle

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model

LARGE_FILES = """large_files:
  - path: "models/model.ts"
    url: "https://example.org/model.ts"
  - path: "models/model.pt"
    url: "https://example.org/spleen/model.pt"
    hash_val: "abc"
"""


def change_metadata(folder, change) -> None:
    path = folder / "configs" / "metadata.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def refused(path, **options) -> str:
    with pytest.raises(InputError) as caught:
        read_model(path, ImportOptions(**options))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("whole_folder", [True, False])
def test_a_clone_without_its_weights_says_where_they_are(tmp_path, whole_folder):
    write_bundle(tmp_path / "spleen")
    (tmp_path / "spleen" / "models" / "model.pt").unlink()
    if whole_folder:
        (tmp_path / "spleen" / "models").rmdir()
    assert "models: holds no weights" in refused(tmp_path / "spleen")
    (tmp_path / "spleen" / "large_files.yml").write_text(LARGE_FILES)
    said = refused(tmp_path / "spleen")
    assert "model.pt: is not there" in said and "(https://example.org/spleen/model.pt)" in said


@pytest.mark.parametrize("text", ["large_files: 3", "large_files: [a, {path: [], url: 3}]", "{", ""])
def test_a_list_of_large_files_that_is_damaged_is_said_to_be(tmp_path, text):
    write_bundle(tmp_path / "spleen")
    (tmp_path / "spleen" / "models" / "model.pt").unlink()
    (tmp_path / "spleen" / "large_files.yml").write_text(text)
    assert "models: holds no weights, and large_files.yml, which should say where they are, is damaged" in refused(
        tmp_path / "spleen"
    )


def test_weights_that_are_a_pointer_of_git_lfs_are_called_that(tmp_path):
    write_bundle(tmp_path / "spleen")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"
    (tmp_path / "spleen" / "models" / "model.pt").write_text(pointer)
    assert "model.pt: is a Git LFS pointer, which stands for a file of 5 bytes" in refused(tmp_path / "spleen")


def test_an_input_without_its_type_is_the_image(tmp_path):
    write_bundle(tmp_path / "spleen")
    change_metadata(tmp_path / "spleen", lambda data: data["network_data_format"]["inputs"]["image"].pop("type"))
    card = read_model(tmp_path / "spleen", ImportOptions()).card
    assert (card.channels, card.label_names) == (("CT",), ("spleen",))


def test_two_inputs_without_their_type_are_refused(tmp_path):
    write_bundle(tmp_path / "spleen")
    change_metadata(
        tmp_path / "spleen",
        lambda data: data["network_data_format"].update(inputs={"image": {"num_channels": 1}, "clicks": {}}),
    )
    assert "only networks that take one image can be imported" in refused(tmp_path / "spleen")


def test_of_a_clone_of_the_whole_zoo_one_bundle_is_chosen_by_its_folder(tmp_path):
    for name in ("spleen", "liver"):
        write_bundle(tmp_path / "model-zoo" / "models" / name, names=("background", name))
    zoo = tmp_path / "model-zoo"
    assert "holds 2 models: `models/liver`, `models/spleen`; choose one, for example with --folder" in refused(zoo)
    assert read_model(zoo, ImportOptions(folder="liver")).card.label_names == ("liver",)
    shutil.make_archive(str(zoo), "zip", zoo)
    assert read_model(zoo.with_suffix(".zip"), ImportOptions(folder="models/spleen")).card.label_names == ("spleen",)


def test_averaged_weights_beside_the_model_are_named_and_can_be_chosen(tmp_path):
    network = write_bundle(tmp_path / "spleen")
    models = tmp_path / "spleen" / "models"
    averaged = {name: value * 0 if value.is_floating_point() else value for name, value in network.state_dict().items()}
    torch.save(averaged, models / "model_ema.pt")
    result = read_model(tmp_path / "spleen", ImportOptions())
    assert "Its folder `models` also holds model_ema.pt; model.pt was taken." in result.sentences
    assert any(bool(value.any()) for value in result.state.values())
    for chosen in ("models/model_ema.pt", "model_ema.pt"):
        state = read_model(tmp_path / "spleen", ImportOptions(weights=chosen)).state
        assert not any(bool(value.any()) for value in state.values() if value.is_floating_point())
    assert read_model(models, ImportOptions()).card.label_names == ("spleen",)
    state = read_model(models / "model_ema.pt", ImportOptions()).state
    assert not any(bool(value.any()) for value in state.values() if value.is_floating_point())
