"""`transferseg segment`: what it says on its way."""

from __future__ import annotations

import csv
import errno
import json
import shutil

import numpy as np
import pydicom
import pytest
import torch

from Testing.made_dicom import write_series
from TransferSegLib.cases import nifti, volumes
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.cli import main
from TransferSegLib.inference import segmenter
from TransferSegLib.networks import execution as execution
from TransferSegLib.sources.catalogue import find_source


def test_a_log_has_a_line_a_case(tmp_path, tiny_source, phantoms, capsys):
    images = phantoms("t1w", 2) / "imagesTr"
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)]) == 0
    names = sorted(path.name.removesuffix(".nii.gz") for path in images.iterdir())
    assert capsys.readouterr().err.splitlines() == [f"{n} of 2: {name}" for n, name in enumerate(names, start=1)]


def test_a_folder_that_may_not_be_written_is_refused_before_anything_is_segmented(
    phantoms, tiny_source, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    images = phantoms("t1w", 2) / "imagesTr"
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}: writing is not allowed; make the folder writable, or choose another." in said
    assert not any(tmp_path.iterdir())


def test_where_memory_runs_out_on_the_gpu_the_processor_goes_on(phantoms, tiny_source, tmp_path, capsys, monkeypatch):
    whole, tried = segmenter.segment, []

    def filled(network, case, patch_size, execution, together, **rest):
        tried.append((execution.device, together))
        if execution.device == "cuda:0":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole(network, case, patch_size, execution, together=together, **rest)

    monkeypatch.setattr(segmenter, "segment", filled)
    monkeypatch.setattr(execution.ExecutionConfig, "place", lambda self, network: network)
    monkeypatch.setattr(execution, "pick_device", lambda wanted: "cuda:0")
    monkeypatch.setattr(execution, "candidates", lambda device, batch_size: [execution.ExecutionConfig(device)])
    images = phantoms("t1w", 2) / "imagesTr"
    code = main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(tmp_path)])
    said = capsys.readouterr().err
    assert tried == [("cuda:0", None), ("cuda:0", 1), ("cpu", None), ("cpu", None)], "the GPU is not tried again"
    assert said.count("Memory ran out while segmenting: going on with the processor in place of the GPU") == 1
    assert (code, len(list(tmp_path.glob("*.nii.gz")))) == (0, 2)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def own_images(tmp_path, phantoms):
    """A folder of images that may be spoiled."""
    return shutil.copytree(phantoms("t1w", 2) / "imagesTr", tmp_path / "images")


@pytest.mark.parametrize("given", ["the folder", "a file", "by a link"])
def test_an_image_is_never_overwritten_by_its_segmentation(given, tiny_source, own_images, tmp_path, capsys):
    before = content(own_images)
    images, out = own_images, own_images
    if given == "a file":
        images = own_images / "phantom_000.nii.gz"
    elif given == "by a link":
        out = tmp_path / "elsewhere"
        out.symlink_to(own_images, target_is_directory=True)
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(out)]) == 2
    said = capsys.readouterr()
    assert "phantom_000.nii.gz: this image would be overwritten by its segmentation; choose another folder." in said.err
    assert (content(own_images), said.out) == (before, "")


def test_nor_by_a_probability(tiny_source, own_images, tmp_path, capsys):
    # The image to segment is called as the probability of another.
    earlier = tmp_path / "probabilities" / "phantom_000_1.nii.gz"
    earlier.parent.mkdir()
    shutil.copy(own_images / "phantom_001.nii.gz", earlier)
    images = [str(own_images / "phantom_000.nii.gz"), str(earlier)]
    asked = ["segment", "--model", str(tiny_source), "--images", *images, "--out", str(tmp_path), "--probabilities"]
    assert main(asked) == 2
    assert f"{earlier}: this image would be overwritten" in capsys.readouterr().err


def test_the_last_line_counts_the_files_of_before_that_were_replaced(tiny_source, own_images, tmp_path, capsys):
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(tmp_path / "out")]
    assert main(asked) == 0
    assert capsys.readouterr().out.splitlines() == [f"2 of 2 cases segmented into {tmp_path / 'out'}"]
    (tmp_path / "out" / "phantom_001.nii.gz").unlink()
    assert main(asked) == 0
    assert capsys.readouterr().out.rstrip().endswith("out, 1 earlier file replaced")


def test_a_full_disk_is_told_and_what_was_done_before_stays(tiny_source, own_images, tmp_path, capsys, monkeypatch):
    out, whole = tmp_path / "out", nifti.write_voxels

    def full(path, array, place):
        whole(path, array, place)
        if (out / "phantom_000.nii.gz").exists():
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nifti, "write_voxels", full)
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out), "--json"]
    assert main(asked) == 3
    said = capsys.readouterr()
    assert f"{out / 'phantom_001.nii.gz'}: the disk is full; free space and run it again." in said.err
    assert json.loads(said.out)["written"] == [str(out / "phantom_000.nii.gz")]
    assert sorted(content(out)) == ["labels.json", "phantom_000.nii.gz"]


def test_the_names_of_the_labels_lie_beside_the_segmentations(tiny_source, own_images, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out)]
    names = {str(label.value): label.name for label in find_source(str(tiny_source)).card.labels}
    assert (main(asked), json.loads((out / "labels.json").read_text(encoding="utf-8"))) == (0, names)
    assert main(asked) == 0, "the same list stays"
    (out / "labels.json").write_text('{"1": "heart"}', encoding="utf-8")
    capsys.readouterr()
    assert main(asked) == 1
    assert "labels.json: lists other labels than those of the segmentations beside it" in capsys.readouterr().err
    assert (out / "labels.json").read_text(encoding="utf-8") == '{"1": "heart"}'
    (out / "labels.json").unlink()
    (out / "drawn.nrrd").touch()
    assert main(asked) == 0
    assert "labels.json: was not written, as it would name the values of other files too" in capsys.readouterr().err
    assert not (out / "labels.json").exists()


def test_a_file_in_place_of_the_folder_is_refused(tiny_source, own_images, tmp_path, capsys):
    out = tmp_path / "map.json"
    out.write_text("{}")
    assert main(["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out)]) == 2
    assert "map.json: is a file; give a folder for the segmentations." in capsys.readouterr().err


def test_what_is_no_image_is_told_by_case_and_the_others_are_done(tiny_source, own_images, tmp_path, capsys):
    for name, value in (("nan", np.nan), ("flat", 5.0)):
        image = volumes.read_volume(own_images / "phantom_000.nii.gz")
        image.array[1:] = 5.0
        image.array[0] = value
        volumes.write_volume(own_images / f"{name}.nii.gz", image.array, image.grid)
    out = tmp_path / "out"
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out), "--json"]
    assert main(asked) == 1
    flat, nan = json.loads(capsys.readouterr().out)["problems"]
    assert flat.startswith(
        "case `flat`: image flat.nii.gz has one value everywhere, so its segmentation means nothing;"
    )
    assert nan.startswith("case `nan`: image nan.nii.gz has ") and "voxels that are NaN, infinite or too large" in nan
    assert sorted(content(out)) == ["flat.nii.gz", "labels.json", "phantom_000.nii.gz", "phantom_001.nii.gz"]


def segmented(model, images, out, *flags):
    code = main(["segment", "--model", str(model), "--images", str(images), "--out", str(out), "--json", *flags])
    return code, {path.name: read_labels(path).array for path in sorted(out.glob("*.nii.gz"))}


def test_copies_on_the_card_are_followed_and_a_flag_overrides_them(phantoms, tiny_source, tmp_path, capsys):
    images, model = phantoms("t1w", 2) / "imagesTr", tmp_path / "model"
    shutil.copytree(tiny_source, model)
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, "inference": {"copies": 3, "mirror": []}}))
    found = {
        name: segmented(source, images, tmp_path / name, *flags)[1]
        for name, source, flags in (
            ("plain", tiny_source, []),
            ("kept", model, []),
            ("asked", tiny_source, ["--copies", "3"]),
            ("without", model, ["--copies", "1"]),
        )
    }
    assert all(np.array_equal(found["kept"][name], found["asked"][name]) for name in found["plain"])
    assert all(np.array_equal(found["without"][name], found["plain"][name]) for name in found["plain"])
    assert any(not np.array_equal(found["kept"][name], found["plain"][name]) for name in found["plain"])


def test_a_map_of_uncertainty_lies_on_the_image_and_one_copy_is_said_to_know_little(
    phantoms, tiny_source, tmp_path, capsys
):
    images, out = phantoms("t1w", 2) / "imagesTr", tmp_path / "out"
    assert segmented(tiny_source, images, out, "--uncertainty")[0] == 0
    said = json.loads(capsys.readouterr().out)
    path = out / "uncertainty" / "phantom_000.nii.gz"
    assert str(path) in said["written"] and len(said["written"]) == 4
    found, image = read_volume(path), read_volume(images / "phantom_000.nii.gz")
    assert found.grid.same_as(image.grid) and found.array.dtype == np.float32
    assert 0 <= found.array.min() < found.array.max() < 1
    assert [one["code"] for one in said["findings"]] == ["uncertainty-of-one-copy"]
    assert segmented(tiny_source, images, out, "--uncertainty", "--copies", "3")[0] == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["findings"], said["replaced"]) == ([], 4)


def test_an_image_in_the_place_of_its_uncertainty_is_never_overwritten(tiny_source, own_images, tmp_path, capsys):
    images = shutil.copytree(own_images, tmp_path / "uncertainty")
    asked = ["--images", str(images), "--out", str(tmp_path), "--uncertainty"]
    assert main(["segment", "--model", str(tiny_source), *asked]) == 2
    assert "would be overwritten by its segmentation" in capsys.readouterr().err


def dicom_series(folder, like):
    """A DICOM series with the voxels of an image, on its grid but for the place."""
    voxels = read_volume(like).array
    whole = np.rint(voxels / max(1.0, float(np.abs(voxels).max())) * 1000).astype(np.int16)
    spacing = read_volume(like).grid.spacing_mm
    return write_series(
        folder,
        whole,
        step_mm=(0.0, 0.0, -spacing[2]),
        FrameOfReferenceUID="1.2.9",
        PatientName="Doe^Jane",
        PixelSpacing=[spacing[1], spacing[0]],
        SliceThickness=spacing[2],
    )


def test_a_dicom_series_is_segmented_into_a_dicom_segmentation_of_the_same_voxels(
    tiny_source, own_images, tmp_path, capsys
):
    pytest.importorskip("highdicom")
    series = dicom_series(tmp_path / "scan", own_images / "phantom_000.nii.gz")
    asked = ["segment", "--model", str(tiny_source), "--images", str(series), "--device", "cpu"]
    assert main([*asked, "--out", str(tmp_path / "nifti")]) == 0
    assert main([*asked, "--out", str(tmp_path / "dicom"), "--format", "dicom-seg"]) == 0
    assert sorted(content(tmp_path / "dicom")) == ["scan.dcm"], "the names of its labels are in the file"
    assert "Doe" not in "".join(capsys.readouterr())
    expected = read_labels(tmp_path / "nifti" / "scan.nii.gz")
    found = read_labels(tmp_path / "dicom" / "scan.dcm", image=series)
    card = find_source(str(tiny_source)).card
    becomes = {label.value: n for n, label in enumerate(card.labels, start=1)}
    assert found.grid.same_as(expected.grid)
    assert len(np.unique(found.array)) > 1
    np.testing.assert_array_equal(found.array, np.vectorize(lambda v: becomes.get(v, 0))(expected.array))
    seg = pydicom.dcmread(tmp_path / "dicom" / "scan.dcm")
    assert [str(one.SegmentLabel) for one in seg.SegmentSequence] == list(card.label_names)
    assert seg.SegmentSequence[0].SegmentAlgorithmName == card.name


def test_a_nifti_image_is_refused_for_a_dicom_segmentation_before_anything_is_segmented(
    tiny_source, own_images, tmp_path, capsys
):
    pytest.importorskip("highdicom")
    out = tmp_path / "out"
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out)]
    assert main([*asked, "--format", "dicom-seg"]) == 2
    said = capsys.readouterr().err
    assert "phantom_000.nii.gz: is no DICOM image, as 1 more, and a DICOM segmentation refers to one; give the" in said
    assert not out.exists()


def test_the_table_of_statistics_has_the_voxels_of_the_segmentations(tiny_source, own_images, tmp_path, capsys):
    out = tmp_path / "out"
    table = out / "statistics.csv"
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out)]
    assert main([*asked, "--statistics", str(table), "--json"]) == 0
    assert str(table) in json.loads(capsys.readouterr().out)["written"]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    card = find_source(str(tiny_source)).card
    assert [(row["case"], row["label"]) for row in rows] == [
        (case, label) for case in ("phantom_000", "phantom_001") for label in card.label_names
    ]
    values = {label.name: label.value for label in card.labels}
    for row in rows:
        found = read_labels(out / f"{row['case']}.nii.gz")
        image = read_volume(own_images / f"{row['case']}.nii.gz").array
        inside = image[found.array == values[row["label"]]].astype(np.float64)
        assert int(row["voxels"]) == inside.size
        assert float(row["volume_ml"]) == pytest.approx(inside.size * found.grid.voxel_ml, rel=1e-5)
        if inside.size > 1:
            assert float(row["mean"]) == pytest.approx(inside.mean(), rel=1e-5)
            assert float(row["sd"]) == pytest.approx(inside.std(ddof=1), rel=1e-4)
    assert any(int(row["voxels"]) > 1 for row in rows)


@pytest.mark.parametrize(
    ("name", "said"), [("t.txt", "name a file that ends in .csv"), ("no/t.csv", "cannot be written")]
)
def test_a_table_that_could_not_be_written_is_refused_before_anything_is_segmented(
    name, said, tiny_source, own_images, tmp_path, capsys
):
    out = tmp_path / "out"
    asked = ["segment", "--model", str(tiny_source), "--images", str(own_images), "--out", str(out)]
    assert main([*asked, "--statistics", str(tmp_path / name)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_an_image_of_other_voxels_and_a_segmentation_of_nothing_are_noted(
    tiny_source, phantoms, tmp_path, capsys, monkeypatch
):
    import numpy as np
    import torch

    from TransferSegLib.cases.readers import read_case_set
    from TransferSegLib.cases.volumes import read_volume, write_volume
    from TransferSegLib.core.grid import Grid
    from TransferSegLib.networks.staged import StagedNetwork

    image = read_volume(read_case_set(phantoms("t1w", 2)).cases[0].images[0])
    odd = tmp_path / "odd.nii.gz"
    spacing = tuple(3.5 * side for side in image.grid.spacing_mm)
    write_volume(odd, image.array.astype(np.float32), Grid.from_spacing(image.grid.size, spacing))
    whole = StagedNetwork.forward

    def nothing(self, x):
        scores = torch.zeros_like(whole(self, x))
        scores[:, 0] = 1
        return scores

    monkeypatch.setattr(StagedNetwork, "forward", nothing)
    asked = ["segment", "--model", str(tiny_source), "--images", str(odd), "--out", str(tmp_path / "out")]
    assert main(asked) == 0, "notes leave the exit code as it is"
    said = capsys.readouterr().err
    assert "times off the" in said and "the model found none of its structures" in said


def test_the_help_says_what_options_do_to_a_finished_model_and_nothing_of_jobs(capsys):
    with pytest.raises(SystemExit):
        main(["segment", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    options = text[text.index("--smoothing-mm X") :]
    assert "where the model is an ensemble: average all its networks, or use the first alone" in options
    assert "`none` leaves the labels as they are found" in options and "it is the model's number" in options
    for of_training in ("job", "keeps", "fold is", "final model", "CRF"):
        assert of_training not in options[: options.index("--device")], of_training
    with pytest.raises(SystemExit):
        main(["adapt", "--help"])
    assert "A job begins from the final one alone" in " ".join(capsys.readouterr().out.split())
