from __future__ import annotations

import hashlib
import json
import os

import pytest
import torch
from rounding import assert_same
from safetensors.torch import save_file
from torch import nn

from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel, CardNetwork, CardScore, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.records import to_json
from TransferSegLib.networks import build
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.imports.checkpoint import import_checkpoint
from TransferSegLib.sources.loading import load_source, load_state

ARGUMENTS = {"channels": [4, 8], "strides": [2], "norm": "BATCH"}


def card(**changes) -> ModelCard:
    facts = {
        "format": 2,
        "name": "knee-mr",
        "title": "Knee",
        "description": "",
        "modality": "mr",
        "body_part": "knee",
        "labels": (CardLabel(1, "femur"),),
        "channels": ("MR",),
        "network": CardNetwork("monai-unet", ARGUMENTS),
        "preprocessing": Preprocessing(None),
        "patch_size": (16, 16, 16),
        "trained_on": "made-up cases",
        "licence": "MIT",
        "citation": "",
    }
    return ModelCard(**(facts | changes))


def write(folder, state, **changes):
    (folder / "card.json").write_text(json.dumps(to_json(card(**changes))))
    torch.save(state, folder / "best.pth")
    return folder / "best.pth"


def test_a_card_that_was_begun_from_another_models_keeps_none_of_its_scores(tmp_path):
    state = build("monai-unet", 1, 2, ARGUMENTS).state_dict()
    scores = (CardScore("femur", 0.9, 1.0, 8, "out-of-fold"),)
    path = write(tmp_path, state, scores=scores, made_by={"strategy": "open"}, weights_sha256="0" * 64)
    imported = import_checkpoint(path, tmp_path)
    assert (imported.card.scores, imported.card.made_by, imported.card.weights_sha256) == ((), {}, None)
    assert "is that of other weights" in imported.sentences[-1]
    own = hashlib.sha256(path.read_bytes()).hexdigest()
    imported = import_checkpoint(write(tmp_path, state, scores=scores, weights_sha256=own), tmp_path)
    assert imported.card.scores == scores
    assert import_checkpoint(write(tmp_path, state, scores=scores), tmp_path).card.scores == scores


@pytest.mark.parametrize("prefix", ["", "module.", "network.", "model.", "module.network."])
@pytest.mark.parametrize("container", [None, "state_dict", "model_state_dict"])
def test_bare_weights_with_a_card_import_whatever_wrapped_them(tmp_path, capsys, prefix, container):
    network = build("monai-unet", 1, 2, ARGUMENTS).eval()
    state = {prefix + name: value for name, value in network.net.state_dict().items()}
    path = write(tmp_path, state if container is None else {"epoch": 3, container: state})
    assert main(["sources", "import", str(path), "--card", str(tmp_path / "card.json")]) == 0
    assert "100 % of the network's values come from the source" in capsys.readouterr().out
    ours, _ = load_source(find_source("knee-mr"))
    x = torch.randn(2, 1, 16, 16, 16)
    with torch.no_grad():
        assert torch.equal(ours(x), network(x))


def test_an_imported_model_as_json_has_what_became_of_its_weights(tmp_path, capsys):
    network = build("monai-unet", 1, 2, ARGUMENTS).eval()
    path = write(tmp_path, network.net.state_dict())
    assert main(["sources", "import", str(path), "--card", str(tmp_path / "card.json"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["name"] == data["card"]["name"] == "knee-mr" and data["folder"].endswith("knee-mr")
    assert data["weights"]["problem"]["fields"]["share"] == "100 %" and data["weights"]["share"] == 1.0


WRAPPED = {
    "lightning": lambda p: {"state_dict": {**p("model."), "loss.weight": torch.ones(3)}, "epoch": 1},
    "one more tensor": lambda p: {**p("module."), "extra": torch.ones(3)},
    "a second network": lambda p: {**p("network."), "discriminator.a": torch.ones(2)},
    "an unusual prefix": lambda p: p("_model."),
    "a container's name as prefix": lambda p: p("state_dict."),
    "its average beside it": lambda p: {**p("ema."), **p("model.")},
    "its average alone": lambda p: {"ema": p("")},
    "net": lambda p: {"net": p("")},
    "model_state": lambda p: {"model_state": p(""), "epoch": 1},
    "nested": lambda p: {"model": {"state_dict": p("")}, "state_dict": {}},
    "nested the other way": lambda p: {"state_dict": {"model": p("module.")}},
    "a container that is none": lambda p: {**p(""), "network": {"name": "unet"}},
}


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED.keys())
def test_weights_are_found_among_other_things_and_those_are_told(tmp_path, wrapped):
    network = build("monai-unet", 1, 2, ARGUMENTS)
    own = network.net.state_dict()
    content = wrapped(lambda prefix: {prefix + name: value for name, value in own.items()})
    imported = import_checkpoint(write(tmp_path, content), tmp_path)
    assert imported.report.share == 1.0
    assert all(torch.equal(imported.state[name], value) for name, value in network.state_dict().items())


def test_what_was_taken_off_the_names_is_told_and_the_rest_listed_as_not_used(tmp_path, capsys):
    own = build("monai-unet", 1, 2, ARGUMENTS).net.state_dict()
    averages = {f"ema.{name}": torch.zeros_like(value) for name, value in own.items()}
    content = {"state_dict": {f"model.{name}": value for name, value in own.items()} | averages}
    path = write(tmp_path, content)
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "names   `model.` taken off" in printed and "unused  ema." in printed
    report = import_checkpoint(path, tmp_path).report
    assert report.to_json()["prefix"] == "model."
    assert {entry.name for entry in report.entries if entry.status == "unused"} == averages.keys()


def test_trained_weights_are_taken_rather_than_their_average_and_this_is_told(tmp_path):
    own = build("monai-unet", 1, 2, ARGUMENTS).net.state_dict()
    averages = {name: torch.zeros_like(value) for name, value in own.items()}
    imported = import_checkpoint(write(tmp_path, {"ema": averages, "model": own}), tmp_path)
    assert any(value.any() for value in imported.state.values())
    assert imported.sentences == ("The file has weights in `model` and `ema`; the former were taken.",)


def test_a_tensor_whose_name_another_gets_is_listed_all_the_same(tmp_path):
    own = build("monai-unet", 1, 2, ARGUMENTS).state_dict()
    (name, first), *_ = own.items()
    imported = import_checkpoint(write(tmp_path, {f"a.{n}": v for n, v in own.items()} | {name: first + 1}), tmp_path)
    assert torch.equal(imported.state[name], first)
    assert [e.name for e in imported.report.entries if e.status == "unused"] == [f"{name} (not under `a.`)"]


def test_weights_of_whole_numbers_are_refused_for_that(tmp_path):
    state = {name: value.to(torch.int32) for name, value in build("monai-unet", 1, 2, ARGUMENTS).state_dict().items()}
    with pytest.raises(InputError, match="int32 does not become float32"):
        import_checkpoint(write(tmp_path, state), tmp_path)


def test_bare_weights_need_a_card_and_the_card_must_be_theirs(tmp_path, capsys):
    path = write(tmp_path, build("monai-unet", 1, 3, ARGUMENTS).state_dict())
    assert main(["sources", "import", str(path)]) == 2
    assert "give it with --card card.json" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"best\.pth: the weights have 3 outputs"):
        import_checkpoint(path, tmp_path / "card.json")


def test_what_the_network_has_no_place_for_is_listed(tmp_path):
    state = build("monai-unet", 1, 2, ARGUMENTS).state_dict() | {"critic.weight": torch.zeros(4)}
    report = import_checkpoint(write(tmp_path, state), tmp_path).report
    assert [entry.name for entry in report.entries if entry.status == "unused"] == ["critic.weight"]


def test_imagenets_resnet_becomes_an_encoder_that_sees_grey_as_it_saw_grey_photographs(tmp_path):
    small = {"channels": [4, 4, 4, 8], "blocks": [1, 1, 1, 1], "decoder_channels": [4, 4, 4, 4, 4]}
    torch.manual_seed(3)
    colour = build("zoetmulder2022", 3, 1, small).eval()
    # torchvision's names are those of the encoder, and its classifier is `fc`.
    state = dict(colour.encoder.state_dict()) | {"fc.weight": torch.zeros(10, 32), "fc.bias": torch.zeros(10)}
    path = write(
        tmp_path, state, labels=(), task="classification", network=CardNetwork("zoetmulder2022", small), name="imagenet"
    )
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 0
    source = find_source("imagenet")
    ours, report = load_source(source)
    assert report.share == 1.0
    grey = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        seen, expected = nn.Module.__call__(ours.encoder.conv1, grey), colour.encoder.conv1(grey.repeat(1, 3, 1, 1))
    assert_same(seen, expected)


@pytest.mark.parametrize("form", ["in a container", "safetensors"])
def test_torchvisions_resnet_needs_no_card(tmp_path, form, capsys):
    small = {"channels": [8, 16, 64, 320], "blocks": [1, 2, 1, 1]}
    torch.manual_seed(3)
    colour = build("zoetmulder2022", 3, 1, small).eval()
    state = dict(colour.encoder.state_dict()) | {"fc.weight": torch.zeros(10, 1280), "fc.bias": torch.zeros(10)}
    path = tmp_path / f"resnet50-0676ba61.{'safetensors' if form == 'safetensors' else 'pth'}"
    if form == "safetensors":
        save_file({name: value.contiguous() for name, value in state.items()}, path)
    else:
        torch.save({"state_dict": state} if form == "in a container" else state, path)
    assert main(["sources", "import", str(path)]) == 0
    assert "new     latent.0.weight: not in the weights" in capsys.readouterr().out
    source = find_source("resnet50-0676ba61")
    assert (source.card.task, source.card.channels, source.card.preprocessing) == (
        "classification",
        ("grey",),
        Preprocessing(None),
    )
    assert source.card.network.arguments == small
    ours, _ = load_source(source)
    grey = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        seen, expected = (
            net.layer4(net.layer3(net.layer2(net.layer1(net.maxpool(net.act(net.bn1(net.conv1(x))))))))
            for net, x in ((ours.encoder, grey), (colour.encoder, grey.repeat(1, 3, 1, 1)))
        )
    assert_same(seen, expected)


def test_weights_of_slices_become_a_network_for_volumes_that_gives_what_a_slice_gave(tmp_path, capsys):
    volumes = build("monai-unet", 1, 2, ARGUMENTS)
    slices = {name: value.sum(-1) if value.ndim == 5 else value for name, value in volumes.state_dict().items()}
    path = write(tmp_path, slices)
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 2
    assert "the weights are of a network for slices (2D)" in capsys.readouterr().err
    assert main(["sources", "import", str(path), "--card", str(tmp_path), "--inflate"]) == 0
    printed = capsys.readouterr().out
    assert "100 % of the network's values come from the source" in printed
    assert "inflated from slices to volumes" in printed


def test_a_model_s_folder_with_weights_of_slices_for_a_network_for_volumes_is_refused(tmp_path, capsys):
    volumes = build("monai-unet", 1, 2, ARGUMENTS).state_dict()
    write(tmp_path, {name: value.sum(-1) if value.ndim == 5 else value for name, value in volumes.items()})
    (tmp_path / "best.pth").rename(tmp_path / "weights.pth")
    assert main(["sources", "add", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("for volumes; choose the weights of that network.\n")
    with pytest.raises(InputError, match=r"network for slices \(2D\)"):
        load_state(find_source(str(tmp_path)))


def test_weights_of_volumes_are_refused_by_name_where_slices_are_wanted(tmp_path, capsys):
    small = {"channels": [4, 4, 4, 8], "blocks": [1, 1, 1, 1], "decoder_channels": [4, 4, 4, 4, 4]}
    state = build("zoetmulder2022", 1, 2, small).state_dict()
    volumes = {name: value[..., None] if value.ndim == 4 else value for name, value in state.items()}
    path = write(tmp_path, volumes, network=CardNetwork("zoetmulder2022", small))
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 2
    assert "a kernel of volumes does not become one of slices" in capsys.readouterr().err


def test_bare_weights_that_cannot_be_run_are_refused_at_import(tmp_path, capsys):
    state = {name: value * 1e30 for name, value in build("monai-unet", 1, 2, ARGUMENTS).state_dict().items()}
    path = write(tmp_path, state)
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 2
    assert "does not give a finite number for each voxel and class" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after"), [("BATCH", "INSTANCE"), ("INSTANCE", "BATCH"), ("BATCH", ["GROUP", {"num_groups": 2}])]
)
def test_another_normalisation_than_the_cards_is_refused_by_name(tmp_path, capsys, before, after):
    state = build("monai-unet", 1, 2, {**ARGUMENTS, "norm": before}).state_dict()
    path = write(tmp_path, state, network=CardNetwork("monai-unet", {**ARGUMENTS, "norm": after}))
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 2
    assert "adn.N." in capsys.readouterr().err


def test_labels_without_a_colour_get_one_each_and_none_that_another_has():
    own = card(labels=(CardLabel(1, "femur"), CardLabel(2, "tibia", (230, 159, 0)), CardLabel(3, "patella")))
    colours = [label.color for label in own.labels]
    assert colours[1] == (230, 159, 0)
    assert len(set(colours)) == 3


def test_two_labels_of_one_name_are_refused(tmp_path, capsys):
    path = write(
        tmp_path,
        build("monai-unet", 1, 3, ARGUMENTS).state_dict(),
        labels=(CardLabel(1, "femur"), CardLabel(2, "Femur")),
    )
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 2
    assert "two labels are called `femur`" in capsys.readouterr().err


def test_a_card_may_have_any_name_and_one_that_is_not_there_is_said_to_be(tmp_path, capsys):
    path = write(tmp_path, build("monai-unet", 1, 2, ARGUMENTS).state_dict())
    (tmp_path / "card.json").rename(tmp_path / "knee.json")
    assert main(["sources", "import", str(path), "--card", str(tmp_path / "knee.json")]) == 0
    assert main(["sources", "import", str(path), "--card", str(tmp_path / "none.json")]) == 2
    assert "none.json: no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("network", "says"),
    [
        (CardNetwork("monai-unett", ARGUMENTS), "network `monai-unett` is not known; known are monai-unet, "),
        (CardNetwork("monai-unet", ARGUMENTS | {"foo": 1}), "it has no argument `foo`; known are channels, strides"),
    ],
)
def test_what_is_wrong_with_the_card_is_said_of_the_card(tmp_path, capsys, network, says):
    path = write(tmp_path, build("monai-unet", 1, 2, ARGUMENTS).state_dict(), network=network)
    assert main(["sources", "import", str(path), "--card", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert f"{tmp_path / 'card.json'}: " in printed
    assert says in printed
    assert "best.pth" not in printed
    assert "hybrid" not in printed


def test_another_number_of_labels_or_channels_is_said_in_these_words(tmp_path):
    path = write(tmp_path, build("monai-unet", 1, 3, ARGUMENTS).state_dict())
    with pytest.raises(
        InputError, match="have 3 outputs, the card has 1 label and a background, which is 2: correct the"
    ):
        import_checkpoint(path, tmp_path)
    path = write(tmp_path, build("monai-unet", 2, 2, ARGUMENTS).state_dict())
    with pytest.raises(InputError, match="take 2 channels, the card names 1: correct the card's channels"):
        import_checkpoint(path, tmp_path)


def test_weights_of_half_precision_are_told_in_one_line(tmp_path):
    state = build("monai-unet", 1, 2, ARGUMENTS).state_dict()
    half = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    report = import_checkpoint(write(tmp_path, half), tmp_path).report
    converted = sum(value.is_floating_point() for value in state.values())
    assert report.lines()[1:] == [f"  loaded  {converted} tensors: converted from float16 to float32"]
    assert len(report.entries) == len(state)


def test_weights_that_are_all_zero_are_noted(tmp_path, capsys):
    zeros = {name: torch.zeros_like(value) for name, value in build("monai-unet", 1, 2, ARGUMENTS).state_dict().items()}
    assert main(["sources", "import", str(write(tmp_path, zeros)), "--card", str(tmp_path)]) == 0
    assert "note: All its weights are 0" in capsys.readouterr().out


def test_a_text_a_folder_and_a_device_are_no_weights(tmp_path):
    write(tmp_path, {})
    (tmp_path / "notes.pth").write_text("see the paper", encoding="utf-8")
    with pytest.raises(InputError, match=r"notes\.pth: is no weights file of torch"):
        import_checkpoint(tmp_path / "notes.pth", tmp_path)
    with pytest.raises(InputError, match="is a folder, not a file"):
        import_checkpoint(tmp_path, tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    write(tmp_path, {})
    os.mkfifo(tmp_path / "pipe.pth")
    with pytest.raises(InputError, match="is not a regular file"):
        import_checkpoint(tmp_path / "pipe.pth", tmp_path)


def test_a_card_that_was_written_for_version_0_1_0_is_read_as_it_was_meant(tmp_path):
    path = write(tmp_path, build("monai-unet", 1, 2, ARGUMENTS).state_dict())
    data = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    assert data["preprocessing"]["normalisation"] != "none"
    data["preparation"] = data.pop("preprocessing") | {"normalisation": "none"}
    (tmp_path / "card.json").write_text(json.dumps(data | {"format": 1}))
    found = import_checkpoint(path, tmp_path / "card.json").card
    assert (found.format, found.preprocessing.normalisation) == (2, "none")
