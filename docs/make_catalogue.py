"""Write public_models.json and structures.json from the publishers' own lists, and their tables in models.md.

    python docs/make_catalogue.py --totalsegmentator CLONE --auto3dseg CLONE --mrsegmentator CLONE --model-zoo CLONE \\
        --ct-fm CLONE
    python docs/make_catalogue.py --tables

A clone is a git repository of the publisher, bare or not, and what is read is its `HEAD`. Nothing in it is run. The second
form writes the tables in models.md anew, without clones.

What a publisher does not state is left out: no licence, size or sum here is a guess. Sizes and sums that a publisher does not
list, and somebody else does, are below with who says so.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from TransferSegLib.core.records import to_json  # noqa: E402
from TransferSegLib.sources.downloads import Download, list_all  # noqa: E402
from TransferSegLib.sources.structures import well_spelt, words_of  # noqa: E402

MODELS = ROOT / "TransferSegLib" / "sources" / "public_models.json"
STRUCTURES = ROOT / "TransferSegLib" / "sources" / "structures.json"
PAGE = Path(__file__).with_name("models.md")
BEGIN, END = "<!-- public models: made by make_catalogue.py -->", "<!-- end of public models -->"

TS_RELEASES = "https://github.com/wasserth/TotalSegmentator/releases/download"
TS_LICENCES = "https://github.com/wasserth/TotalSegmentator#subtasks"
TS_PAPERS = {
    "ct": "Wasserthal et al., TotalSegmentator, Radiology: Artificial Intelligence 5 (2023), "
    "https://doi.org/10.1148/ryai.230024",
    "mr": "Akinci D'Antonoli et al., TotalSegmentator MRI, Radiology (2025), https://doi.org/10.1148/radiol.241613",
}
NNUNET = "Isensee et al., nnU-Net, Nature Methods 18 (2021), https://doi.org/10.1038/s41592-020-01008-z"

# Bytes of the files in TotalSegmentator's releases, as GitHub served them on 2026-10-06 by the table of a public viewer for
# DICOM; fohofmann/BodyComposition and others state the same for 291 to 295, 297 and 299.
TS_BYTES = {
    8: 230_191_278,
    113: 232_066_830,
    115: 230_321_497,
    117: 229_853_539,
    150: 325_569_459,
    260: 232_729_513,
    291: 233_742_255,
    292: 234_050_721,
    293: 234_190_318,
    294: 233_625_081,
    295: 234_016_576,
    297: 135_386_075,
    298: 134_827_240,
    299: 233_211_222,
    300: 124_286_256,
    305: 233_569_643,
    315: 233_744_954,
    343: 233_215_432,
    351: 230_606_852,
    527: 233_756_114,
    552: 232_836_551,
    570: 230_049_561,
    576: 229_689_699,
    589: 231_339_706,
    591: 230_940_114,
    597: 229_810_326,
    598: 42_741_891,
    615: 1_168_954_978,
    756: 230_791_939,
    775: 231_091_065,
    776: 230_805_136,
    777: 230_370_685,
    778: 230_197_164,
    779: 230_397_368,
    789: 230_592_397,
    803: 233_669_247,
    831: 434_915_575,
    832: 334_822_528,
    833: 334_155_206,
    834: 334_231_870,
    835: 334_519_368,
    836: 242_248_414,
    837: 132_026_264,
    850: 231_681_650,
    851: 232_156_399,
    852: 126_399_352,
    853: 44_657_261,
    913: 765_102_050,
    952: 124_276_110,
}
# SHA-256 of such files, and who states it: TotalSegmentator states none.
TS_SUMS = {
    113: (
        "cf28693eec49b7a8448e2ebf0a372da41855a099a26d52d1cffe15a3c7e4b740",
        "GitHub, as a public project read it there",
    ),
    115: ("a9f4a7bd92e093fc0bb5a06450989429df2da1cc4e470d54373b2f3a3175eab9", "a public project that downloaded it"),
    297: ("0baa2c8de2975600eb31801dd5c1825cd2b356f794498659cf3348714c073394", "fohofmann/BodyComposition and others"),
    299: ("d51d68e7f183fed966c122b0cb3dece7bebcdb685d28aeecc62202168e431674", "fohofmann/BodyComposition"),
}
# Task → title, body part. A task that is not here is not in the catalogue; the script says which.
TS_TASKS = {
    "total": ("Main structures of the body", "whole body"),
    "total_v3": ("Main structures of the body (v3)", "whole body"),
    "total_mr": ("Main structures of the body", "whole body"),
    "body": ("Trunk and extremities", "whole body"),
    "body_mr": ("Trunk and extremities", "whole body"),
    "lung_vessels": ("Airways, arteries and veins of the lungs", "chest"),
    "lung_vessels_LEGACY": ("Vessels and bronchi of the lungs, older version", "chest"),
    "cerebral_bleed": ("Bleeding in the brain", "head"),
    "hip_implant": ("Hip implants", "pelvis"),
    "vertebrae_mr": ("Vertebrae and sacrum", "spine"),
    "pleural_pericard_effusion": ("Pleural and pericardial effusion", "chest"),
    "liver_vessels": ("Vessels and tumours of the liver", "abdomen"),
    "head_glands_cavities": ("Eyes, glands and cavities of the head", "head and neck"),
    "headneck_bones_vessels": ("Bones, cartilages and vessels of head and neck", "head and neck"),
    "head_muscles": ("Muscles of the head", "head and neck"),
    "headneck_muscles": ("Muscles of the neck", "head and neck"),
    "oculomotor_muscles": ("Muscles of the eyes", "head"),
    "lung_nodules": ("Lung nodules", "chest"),
    "kidney_cysts": ("Cysts of the kidneys", "abdomen"),
    "breasts": ("Breasts", "chest"),
    "ventricle_parts": ("Parts of the ventricles of the brain", "head"),
    "liver_segments": ("Segments of the liver (Couinaud)", "abdomen"),
    "liver_segments_mr": ("Segments of the liver (Couinaud)", "abdomen"),
    "liver_lesions": ("Liver lesions", "abdomen"),
    "liver_lesions_mr": ("Liver lesions", "abdomen"),
    "craniofacial_structures": ("Jaws, teeth, sinuses and skull", "head"),
    "abdominal_muscles": ("Muscles of the trunk between T4 and L4", "abdomen"),
    "teeth": ("Teeth, jaws and their canals", "head"),
    "trunk_cavities": ("Cavities of the trunk", "chest and abdomen"),
    "brain_aneurysm": ("Aneurysms of the brain (time-of-flight angiography)", "head"),
    "vertebrae_body": ("Bodies of the vertebrae, and discs", "spine"),
    "vertebrae_pp": ("Bodies of the vertebrae, each by its name", "spine"),
    "heartchambers_highres": ("Chambers of the heart", "heart"),
    "appendicular_bones": ("Bones of arms and legs", "extremities"),
    "appendicular_bones_mr": ("Bones of arms and legs", "extremities"),
    "tissue_types": ("Fat and muscle, three kinds of tissue", "whole body"),
    "tissue_types_mr": ("Fat and muscle, three kinds of tissue", "whole body"),
    "tissue_4_types": ("Fat and muscle, four kinds of tissue", "whole body"),
    "face": ("Face, for anonymisation", "head"),
    "face_mr": ("Face, for anonymisation", "head"),
    "brain_structures": ("Structures of the brain", "head"),
    "thigh_shoulder_muscles_mr": ("Muscles of thigh and shoulder", "extremities"),
    "coronary_arteries": ("Coronary arteries", "heart"),
    "coronary_arteries_LEGACY": ("Coronary arteries, older version", "heart"),
    "aortic_sinuses": ("Cusps of the aortic valve", "heart"),
    "renal_arteries": ("Renal arteries, coeliac trunk, superior mesenteric artery", "abdomen"),
    "aorta_annulus": ("Aortic annulus and sinotubular junction", "heart"),
    "aortic_dissection": ("True and false lumen of the aorta", "chest and abdomen"),
    "pulmonary_artery_landmarks": ("Landmarks of aorta and pulmonary artery", "heart"),
}
# Why a task of TotalSegmentator's own list is not in the catalogue.
TS_LEFT_OUT = {
    "total_highres_test": "its weights are not published",
    "vertebrae_pp_refined": "it has the weights of vertebrae_pp",
    "thigh_shoulder_muscles": "it has the weights of thigh_shoulder_muscles_mr",
    "test": "it is for TotalSegmentator's own tests",
}
# The mode of a task → the end of the entry's name.
TS_MODES = {"default": "", "fast": "-3mm", "fastest": "-6mm"}
TS_PARTS = {
    "class_map_part_organs": "organs",
    "class_map_part_vertebrae": "vertebrae",
    "class_map_part_cardiac": "cardiac",
    "class_map_part_muscles": "muscles",
    "class_map_part_ribs": "ribs",
    "class_map_part_muscles_1": "part-1",
    "class_map_part_muscles_2": "part-2",
}
TS_SMALL = "nnUNetResEncUNetLPlans_8"

AUTO3DSEG = "https://github.com/lassoan/SlicerMONAIAuto3DSeg/blob/main/MONAIAuto3DSeg/Resources/Models.json"
AUTO3DSEG_CITATION = "SlicerMONAIAuto3DSeg, https://github.com/lassoan/SlicerMONAIAuto3DSeg"
# The publisher's words → the licence, where they are its name in another spelling.
AUTO3DSEG_LICENCES = {
    "CC BY 4.0": "CC BY 4.0",
    "CC-BY-SA4.0": "CC BY-SA 4.0",
    "Free to use and/or refer to the BraTS datasets": "Free to use and/or refer to the BraTS datasets",
}
AUTO3DSEG_BODY_PARTS = {
    "abdominal": "abdomen",
    "anatomy_and_icrh": "head",
    "aorta": "chest and abdomen",
    "body": "whole body",
    "brats": "head",
    "cardiac": "heart",
    "hips": "spine and pelvis",
    "icrh": "head",
    "lungs": "chest",
    "mediastinal": "chest",
    "muscles": "whole body",
    "prostate": "prostate",
    "ribs": "chest",
    "vertebrae": "spine",
    "whole-body": "whole body",
    "whole-head": "head",
}
# A public project that downloaded the file states it; the publisher states none.
AUTO3DSEG_SUMS = {
    "abdominal-organs-3mm-v2.0.0": "0d0fc443decbac8e10dc0c2b1c574069f0bc620999140341210ca4dfab25d07c",
}

ZOO = "https://github.com/Project-MONAI/model-zoo/blob/dev/models"
ZOO_OPEN = "Apache-2.0; training data ({data}) {terms}"
ZOO_MODELS: dict[str, dict[str, Any]] = {
    "spleen_ct_segmentation": {
        "name": "monai-spleen-ct",
        "title": "Spleen on CT",
        "modality": "ct",
        "body_part": "abdomen",
        "licence": ZOO_OPEN.format(data="Medical Segmentation Decathlon", terms="CC-BY-SA-4.0"),
        "citation": "Xia et al., 3D Semi-Supervised Learning with Uncertainty-Aware Multi-View Co-Training (2018), "
        "https://arxiv.org/abs/1811.12506; Kerfoot et al., Left-Ventricle Quantification Using Residual U-Net (2019), "
        "https://doi.org/10.1007/978-3-030-12029-0_40",
    },
    "swin_unetr_btcv_segmentation": {
        "name": "monai-abdomen-ct-swin",
        "title": "13 abdominal organs on CT, Swin UNETR",
        "modality": "ct",
        "body_part": "abdomen",
        "licence": ZOO_OPEN.format(data="BTCV", terms="under its own terms at synapse.org"),
        "citation": "Hatamizadeh et al., Swin UNETR (2022), https://arxiv.org/abs/2201.01266; Tang et al., Self-supervised "
        "pre-training of swin transformers for 3D medical image analysis (2021), https://arxiv.org/abs/2111.14791",
    },
    "wholeBody_ct_segmentation": {
        "name": "monai-whole-body-ct",
        "title": "104 structures of the whole body on CT, 1.5 mm, SegResNet",
        "modality": "ct",
        "body_part": "whole body",
        "licence": ZOO_OPEN.format(data="TotalSegmentator", terms="under its own terms"),
        "citation": "Wasserthal et al., TotalSegmentator (2022), https://arxiv.org/abs/2208.05868; Myronenko, 3D MRI brain "
        "tumor segmentation using autoencoder regularization (2018), https://arxiv.org/abs/1810.11654",
        "spacing_mm": [1.5, 1.5, 1.5],
        "weights": "models/model.pt",
    },
    "prostate_mri_anatomy": {
        "name": "monai-prostate-t2w",
        "title": "Central gland and peripheral zone of the prostate on T2-weighted MR",
        "modality": "t2w",
        "body_part": "prostate",
        "labels": ["central gland", "peripheral zone"],
        "licence": ZOO_OPEN.format(data="Prostate158", terms="under its own terms"),
        "citation": "Adams et al., Prostate158, Computers in Biology and Medicine 148 (2022) 105817, "
        "https://doi.org/10.1016/j.compbiomed.2022.105817",
    },
    "pediatric_abdominal_ct_segmentation": {
        "name": "monai-abdomen-ct-children",
        "title": "Liver, spleen and pancreas of children on CT",
        "modality": "ct",
        "body_part": "abdomen",
        "licence": ZOO_OPEN.format(data="TotalSegmentator, BTCV, Pediatric-CT-SEG", terms="under their own terms"),
        "citation": "Cincinnati Children's (CCHMC), CAIIR Center, in the MONAI model zoo",
    },
    "ventricular_short_axis_3label": {
        "name": "monai-ventricles-mr",
        "title": "Ventricles and myocardium on short-axis MR, slice by slice",
        "modality": "mr",
        "body_part": "heart",
        "labels": ["lv_pool", "myocardium", "rv_pool"],
        "licence": "MIT",
        "citation": "Kerfoot et al., Left-Ventricle Quantification Using Residual U-Net (2019), "
        "https://doi.org/10.1007/978-3-030-12029-0_40",
    },
    "brats_mri_segmentation": {
        "name": "monai-brain-tumor-mr",
        "title": "Brain tumours on T1c, T1, T2 and FLAIR",
        "modality": "mr",
        "body_part": "head",
        "labels": ["whole tumor", "tumor core", "enhancing tumor"],
        "licence": ZOO_OPEN.format(data="BraTS 2018", terms="under its own terms"),
        "citation": "Myronenko, 3D MRI brain tumor segmentation using autoencoder regularization (2018), "
        "https://arxiv.org/abs/1810.11654",
    },
}

CT_FM = "Pai et al., Vision foundation models for computed tomography (2025), https://arxiv.org/abs/2501.09001"
CT_FM_PAGE = "https://huggingface.co/project-lighter"

AUTO3DSEG_LIST = "MONAIAuto3DSeg/Resources/Models.json"

# What people call a structure beside the names of publishers and terminology. The names on the left are TotalSegmentator's,
# without left and right; a name that ends in `*` stands for all that begin so.
SYNONYMS = {
    "adrenal_gland": ("suprarenal gland",),
    "aneurysm": ("brain aneurysm", "cerebral aneurysm"),
    "aorta": ("aortic",),
    "autochthon": ("autochthonous back muscle", "deep back muscle"),
    "brain": ("cerebrum", "cerebral"),
    "breast": ("mamma", "mammary gland"),
    "clavicula": ("clavicle", "collarbone", "collar bone"),
    "colon": ("large intestine", "large bowel"),
    "esophagus": ("gullet",),
    "eye": ("eyeball", "globe"),
    "eyeball": ("eye", "globe"),
    "femur": ("thigh bone", "thighbone", "femoral bone"),
    "fibula": ("calf bone",),
    "gallbladder": ("gall bladder",),
    "gluteus_*": ("gluteal muscle", "buttock"),
    "gluteus_minimus_muscle": ("gluteal muscle", "buttock"),
    "heart": ("cardiac",),
    "heart_*": ("cardiac",),
    "hip": ("hip bone", "pelvis", "pelvic bone", "innominate bone"),
    "humerus": ("upper arm bone",),
    "iliac_vena": ("iliac vein",),
    "iliopsoas": ("psoas",),
    "inferior_vena_cava": ("IVC",),
    "intervertebral_discs": ("disc", "disk", "spine"),
    "intracerebral_hemorrhage": ("ICH", "brain bleeding", "cerebral bleed"),
    "kidney": ("renal",),
    "kidney_cyst": ("renal cyst",),
    "liver": ("hepatic",),
    "liver_*": ("hepatic",),
    "lower_jawbone": ("mandible", "lower jaw"),
    "lung": ("pulmonary",),
    "lung_*": ("pulmonary",),
    "mandible": ("lower jaw", "jawbone"),
    "parotid_gland": ("salivary gland",),
    "patella": ("kneecap", "knee cap"),
    "portal_vein_and_splenic_vein": ("hepatic portal vein",),
    "rib": ("rib cage",),
    "rib_*": ("rib cage",),
    "sacrum": ("sacral bone", "spine"),
    "scapula": ("shoulder blade",),
    "skull": ("cranium", "cranial bone"),
    "small_bowel": ("small intestine",),
    "spinal_cord": ("medulla spinalis",),
    "sternum": ("breastbone",),
    "subcutaneous_fat": ("subcutaneous adipose tissue", "SAT"),
    "submandibular_gland": ("salivary gland",),
    "superior_vena_cava": ("SVC",),
    "teeth_lower": ("tooth", "dental"),
    "teeth_upper": ("tooth", "dental"),
    "thyroid_gland": ("thyroid",),
    "tibia": ("shin bone", "shinbone"),
    "torso_fat": ("visceral fat", "VAT"),
    "trachea": ("windpipe",),
    "ulna": ("forearm bone",),
    "radius": ("forearm bone",),
    "upper_jawbone": ("maxilla", "upper jaw"),
    "urinary_bladder": ("bladder",),
    "vertebrae": ("spine", "backbone", "spinal column"),
    "vertebrae_*": ("spine", "backbone", "spinal column"),
    "vertebrae_C*": ("cervical spine", "neck"),
    "vertebrae_C1": ("atlas",),
    "vertebrae_C2": ("axis",),
    "vertebrae_T*": ("thoracic spine",),
    "vertebrae_L*": ("lumbar spine", "lower back"),
}
# How radiologists shorten them in requests, reports and file names.
ABBREVIATIONS = {
    "aorta": ("AA",),
    "atrial_appendage": ("LAA",),
    "cerebrospinal_fluid": ("CSF", "liquor"),
    "common_carotid_artery": ("CCA",),
    "enhancing_tumor": ("ET",),
    "gallbladder": ("GB",),
    "gray_matter": ("GM",),
    "gross_tumor_volume": ("GTV",),
    "heart_atrium_left": ("LA",),
    "heart_atrium_right": ("RA",),
    "heart_myocardium": ("MYO",),
    "heart_ventricle_left": ("LV",),
    "heart_ventricle_right": ("RV",),
    "internal_carotid_artery": ("ICA",),
    "internal_jugular_vein": ("IJV",),
    "intervertebral_discs": ("IVD",),
    "intraventricular_haemorrhage": ("IVH",),
    "left_ventricle": ("LV",),
    "lung_middle_lobe": ("RML",),
    "lung_middle_lobe_right": ("RML",),
    "peripheral zone of prostate": ("PZ",),
    "portal vein": ("PV",),
    "portal_vein_and_splenic_vein": ("PV",),
    "pulmonary_artery": ("PA",),
    "pulmonary_vein": ("PV",),
    "right_ventricle": ("RV",),
    "superior_mesenteric_artery": ("SMA",),
    "transition zone of prostate": ("TZ",),
    "tumor_core": ("TC",),
    "ventricular_outflow_tract": ("LVOT",),
    "white_matter": ("WM",),
    "whole_tumor": ("WT",),
}
# Structures that people's own models have and no publisher's list names. Without a code: a ventricle need not be the heart's.
OWN = ("left_ventricle", "right_ventricle", "white_matter", "gray_matter", "cerebrospinal_fluid", "gross_tumor_volume")
SIDES = ("left", "right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("totalsegmentator", "auto3dseg", "mrsegmentator", "model-zoo", "ct-fm"):
        parser.add_argument(f"--{name}", type=Path, metavar="CLONE", help="a git repository of the publisher")
    parser.add_argument("--tables", action="store_true", help="only the tables in models.md")
    given = parser.parse_args()
    if not given.tables:
        made = [
            *totalsegmentator(given.totalsegmentator),
            *mrsegmentator(given.mrsegmentator),
            *model_zoo(given.model_zoo),
            *auto3dseg(given.auto3dseg),
            *ct_fm(given.ct_fm),
        ]
        for entry in made:
            entry["labels"] = [well_spelt(label) for label in entry["labels"]]
        MODELS.write_text(in_lines({"format": 1}, "entries", made), encoding="utf-8")
        known = structures(given.totalsegmentator, given.auto3dseg, made)
        STRUCTURES.write_text(in_lines({"format": 1}, "structures", known), encoding="utf-8")
    PAGE.write_text(page_text(), encoding="utf-8")


def in_lines(head: Mapping[str, Any], name: str, items: Iterable[Any]) -> str:
    """A JSON object with a list whose items have a line each, so that a change is a line of a difference."""
    lines = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in items)
    fields = "".join(f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    return f"{{\n{fields}  {json.dumps(name)}: [\n{lines}\n  ]\n}}\n"


def in_clone(clone: Path | None, path: str) -> str:
    """A file of a publisher's repository."""
    return in_git(clone, "show", f"HEAD:{path}")


def in_git(clone: Path | None, *arguments: str) -> str:
    """What git prints of a publisher's repository."""
    if clone is None:
        sys.exit(f"{arguments[-1]}: which clone? see --help")
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")


def literals(text: str) -> dict[str, Any]:
    """The variables of a Python file that are literals; what in them is computed is left out."""
    assigned = (node for node in ast.parse(text).body if isinstance(node, ast.Assign))
    return {target.id: _literal(node.value) for node in assigned if isinstance(target := node.targets[0], ast.Name)}


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Dict):
        pairs = ((key, _literal(value)) for key, value in zip(node.keys, node.values, strict=True) if key is not None)
        return {ast.literal_eval(key): value for key, value in pairs if value is not None}
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def totalsegmentator(clone: Path | None) -> list[dict[str, Any]]:
    """The tasks of TotalSegmentator, from its tables of tasks, weights and classes."""
    config = literals(in_clone(clone, "totalsegmentator/map_tasks_config.py"))
    tables = literals(in_clone(clone, "totalsegmentator/map_to_binary.py"))
    readme = in_clone(clone, "README.md")
    tables["class_map"]["total_v3"] = {**tables["class_map"]["total"], 26: "vertebrae_L6"}
    vertebrae = {**tables["class_map_5_parts"]["class_map_part_vertebrae"], 2: "vertebrae_L6"}
    tables["class_map_5_parts_v3"] = {**tables["class_map_5_parts"], "class_map_part_vertebrae": vertebrae}
    made = []
    for task, settings in config["TASK_CONFIGS"].items():
        if task in TS_LEFT_OUT:
            continue
        if task not in TS_TASKS:
            print(f"TotalSegmentator's task {task} is not in TS_TASKS, and so not in the catalogue")
            continue
        modes = settings.get("sub_modes", {"default": {}})
        for mode, of_mode in ((mode, modes[mode]) for mode in TS_MODES if mode in modes):
            made.append(_ts_entry(task, mode, {**settings, **of_mode}, config, tables, readme))
            if task == "total_v3" and mode != "fastest":
                made.append(_ts_entry(task, mode, {**settings, **of_mode, "plans": TS_SMALL}, config, tables, readme))
    return made


def _ts_entry(
    task: str,
    mode: str,
    settings: Mapping[str, Any],
    config: Mapping[str, Any],
    tables: Mapping[str, Any],
    readme: str,
) -> dict[str, Any]:
    modality = "mr" if task.endswith("_mr") or task == "brain_aneurysm" else "ct"
    title, body_part = TS_TASKS[task]
    spacing = settings.get("resample")
    spacing = [spacing] * 3 if isinstance(spacing, (int, float)) else spacing
    small = ", smaller network" if settings.get("plans") == TS_SMALL else ""
    at = f", {spacing[0]:g} mm" if spacing and len({*spacing}) == 1 else ""
    licence, stated = _ts_licence(task, settings, readme)
    ids = settings["task_id"] if isinstance(settings["task_id"], list) else [settings["task_id"]]
    end = TS_MODES[mode]
    if mode == "fast" and "body" in task:
        end = "-6mm"
    entry = {
        "name": f"totalsegmentator-{task.lower().replace('_', '-')}{'-small' if small else ''}{end}",
        "family": "TotalSegmentator",
        "title": f"{title} on {modality.upper()}{at}{small} (TotalSegmentator)",
        "modality": modality,
        "body_part": body_part,
        "labels": list(tables["class_map"][task].values()),
        "layout": "nnunet",
        # `as_closest_canonical` in its nnunet.py, before nnU-Net reads the image.
        "orientation": "RAS",
        "licence": licence,
        "licence_page": TS_LICENCES,
        "citation": "; ".join([TS_PAPERS[modality], *_ts_cited(task, readme), NNUNET]),
    }
    if stated is not None:
        entry["commercial_use"] = stated
    if spacing:
        entry["spacing_mm"] = spacing
    if crop := settings.get("crop"):
        entry["crop_to"] = [crop] if isinstance(crop, str) else crop
    if settings.get("commercial"):
        return entry | {"needs_key": True}
    if task.startswith("total_v3"):  # each of its files holds two models
        plans = settings.get("plans") or "nnUNetPlans"
        entry["folder"] = f"{settings['trainer']}__{plans}__3d_fullres"
    files = [_ts_file(number, config) for number in ids]
    if len(files) == 1:
        return entry | files[0]
    maps = {
        "total": ("map_taskid_to_partname_ct", "class_map_5_parts"),
        "total_v3": ("map_taskid_to_partname_ct_v3", "class_map_5_parts_v3"),
        "total_mr": ("map_taskid_to_partname_mr", "class_map_parts_mr"),
        "headneck_muscles": ("map_taskid_to_partname_headneck_muscles", "class_map_parts_headneck_muscles"),
    }
    by_number, by_part = (tables[name] for name in maps[task])
    parts = [
        {"name": TS_PARTS[by_number[number]], "labels": list(by_part[by_number[number]].values()), **file}
        for number, file in zip(ids, files, strict=True)
    ]
    return entry | {"parts": parts}


def _ts_file(number: int, config: Mapping[str, Any]) -> dict[str, Any]:
    weights = config["TASK_ID_WEIGHTS_CONFIGS"][number]
    file = {"url": f"{TS_RELEASES}/{weights['version']}/{weights['foldername']}.zip"}
    if number in TS_BYTES:
        file["size_bytes"] = TS_BYTES[number]
    if number in TS_SUMS:
        file["sha256"], file["sum_stated_by"] = TS_SUMS[number]
    return file


def _ts_line(task: str, readme: str) -> str:
    found = re.search(rf"(?m)^\* \*\*{task}\*\*:.*$", readme)
    return found[0] if found else ""


def _ts_licence(task: str, settings: Mapping[str, Any], readme: str) -> tuple[str, bool | None]:
    """The licence of a task as TotalSegmentator's README lists it, and whether commercial use is allowed."""
    opened, with_key = readme.split("Openly available for any usage (Apache-2.0 license):")[1].split(
        "Available with a license"
    )
    line = _ts_line(task, readme)
    if "CC BY-NC 4.0" in line:
        return "CC BY-NC 4.0", False
    if settings.get("commercial"):
        assert not line or line in with_key, task
        return "by a key (free for academic work, else bought)", None
    return ("Apache-2.0", True) if line and line in opened else ("", None)


def _ts_cited(task: str, readme: str) -> list[str]:
    return re.findall(r"cite \[paper\]\(([^)]*)\)", _ts_line(task, readme))


def mrsegmentator(clone: Path | None) -> list[dict[str, Any]]:
    """MRSegmentator, from its README and configuration."""
    readme = in_clone(clone, "README.md")
    labels = [name for number, name in re.findall(r"(?m)^\| (\d+) \| (\w+) \|$", readme) if number != "0"]
    found = literals(in_clone(clone, "src/mrsegmentator/config.py"))
    assert len(labels) == 40 and "License: Apache" in readme
    return [
        {
            "name": "mrsegmentator",
            "family": "MRSegmentator",
            "title": "40 structures of the trunk on MR and CT (MRSegmentator)",
            "modality": "mr",
            "body_part": "chest, abdomen and pelvis",
            "labels": labels,
            "layout": "nnunet",
            # `DICOMOrient` in its simpleitk_reader_writer.py.
            "orientation": "LPS",
            "licence": "Apache-2.0",
            "licence_page": "https://github.com/hhaentze/MRSegmentator/blob/master/License.txt",
            "commercial_use": True,
            "citation": f"Häntze et al., MRSegmentator (2024), https://arxiv.org/abs/2405.06463; {NNUNET}",
            "url": found["WEIGHTS_URL"],
            "size_bytes": 1_150_758_476,
            # Of the registry of models in its own configuration since 2026.
            "sha256": "dd26c1b511908a1f2a752b7fe8f5ca9c5603fc3e69fa52f57bf3ccdd52ceb286",
            "sum_stated_by": "its publisher",
        }
    ]


def model_zoo(clone: Path | None) -> list[dict[str, Any]]:
    """The bundles of MONAI's zoo that can be imported, each in its newest version."""
    listed = json.loads(in_clone(clone, "models/model_info.json"))
    made = []
    for bundle, said in ZOO_MODELS.items():
        versions = [key for key in listed if re.fullmatch(rf"{bundle}_v[\d.]+", key)]
        newest = max(versions, key=lambda key: [int(n) for n in key.rpartition("_v")[2].split(".")])
        outputs = json.loads(in_clone(clone, f"models/{bundle}/configs/metadata.json"))["network_data_format"][
            "outputs"
        ]
        output = next(iter(outputs.values()))
        names = output.get("channel_def") or output["label_def"]
        licence = in_clone(clone, f"models/{bundle}/LICENSE").strip().splitlines()[0].strip()
        assert licence.split()[0].lower() in said["licence"].lower(), bundle
        made.append(
            {
                "family": "MONAI model zoo",
                **said,
                "labels": said.get("labels") or [name for key, name in names.items() if key != "0"],
                "title": f"{said['title']} (MONAI model zoo)",
                "layout": "monai-bundle",
                "licence_page": f"{ZOO}/{bundle}/LICENSE",
                "url": listed[newest]["source"],
                "sha1": listed[newest]["checksum"],
                "sum_stated_by": "its publisher",
            }
        )
    return made


def auto3dseg(clone: Path | None) -> list[dict[str, Any]]:
    """The models of SlicerMONAIAuto3DSeg, each version an entry; the newest comes first."""
    made, stated = [], auto3dseg_segments(clone)
    for model in json.loads(in_clone(clone, AUTO3DSEG_LIST))["models"]:
        names = [Path(version["url"]).name.removesuffix(".zip") for version in model["versions"]]
        for name, version in zip(names, model["versions"], strict=True):
            newest = name == names[0]
            number = "" if newest else f", version {name.rpartition('-v')[2]}"
            entry = {
                "name": f"auto3dseg-{name}",
                "family": "MONAI Auto3DSeg",
                "title": f"{model['title']}{number} (MONAI Auto3DSeg)",
                "modality": model["imagingModality"].lower(),
                "body_part": _of_beginning(name, AUTO3DSEG_BODY_PARTS),
                "labels": stated.get(name, []),
                "layout": "auto3dseg",
                "licence": AUTO3DSEG_LICENCES[model["license"]] if model.get("license") else "",
                "licence_page": AUTO3DSEG,
                "citation": AUTO3DSEG_CITATION,
                "url": version["url"],
            }
            if named := re.search(r"-(\d+)mm-", name):
                mm = {"05": 0.5}.get(named[1], float(named[1]))
                entry["spacing_mm"] = [mm] * 3
            if name in AUTO3DSEG_SUMS:
                entry |= {"sha256": AUTO3DSEG_SUMS[name], "sum_stated_by": "a public project that downloaded it"}
            if not newest:
                entry["replaced_by"] = f"auto3dseg-{names[0]}"
            made.append(entry)
    return made


def auto3dseg_segments(clone: Path | None) -> dict[str, list[str]]:
    """The segments of each version by its name: the list states those of the newest, so older ones are in older lists."""
    stated: dict[str, list[str]] = {}
    for commit in in_git(clone, "log", "--format=%H", "--", AUTO3DSEG_LIST).split():
        with contextlib.suppress(json.JSONDecodeError):  # some were committed with a comma too many
            for model in json.loads(in_git(clone, "show", f"{commit}:{AUTO3DSEG_LIST}"))["models"]:
                if model.get("segmentNames"):
                    newest = Path(model["versions"][0]["url"]).name.removesuffix(".zip")
                    stated.setdefault(newest, model["segmentNames"])
    return stated


def _of_beginning(name: str, table: Mapping[str, str]) -> str:
    return table[max((key for key in table if name.startswith(key)), key=len)]


def ct_fm(clone: Path | None) -> list[dict[str, Any]]:
    """The models of CT-FM, whose own list is a page of its documentation; their labels are the classes of its training."""
    total = literals(in_clone(clone, "data/ts.py"))["class_map"]["total"]
    assert [*total] == [*range(1, 118)] and 'group: "v2"' in in_clone(clone, "evaluation/totalseg.yaml")
    models = [
        # That page on Hugging Face, which may state a licence, was not seen; the other states one.
        (
            "whole_body_segmentation",
            "ctfm-whole-body-ct",
            "117 structures of the whole body on CT",
            [*total.values()],
            "",
        ),
        ("ct_fm_segresnet", "ctfm-segresnet", "Pretrained on 148,000 CT scans, to be adapted", [], "Apache-2.0"),
    ]
    made = []
    for repository, name, title, labels, licence in models:
        entry = {
            "name": name,
            "family": "CT-FM",
            "title": f"{title} (CT-FM)",
            "modality": "ct",
            "body_part": "whole body",
            "labels": labels,
            "layout": "ctfm",
            "licence": licence,
            "licence_page": f"{CT_FM_PAGE}/{repository}",
            "citation": CT_FM,
            "url": f"{CT_FM_PAGE}/{repository}/resolve/main/model.safetensors",
        }
        if repository == "whole_body_segmentation":
            entry["size_bytes"] = 348_968_896  # a public project's table
        made.append(entry)
    return made


def structures(
    totalsegmentator: Path | None, auto3dseg: Path | None, entries: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The structures that models segment: names, synonyms, and SNOMED codes where a publisher states them."""
    known: dict[frozenset[str], dict[str, Any]] = {}
    table = in_clone(totalsegmentator, "totalsegmentator/resources/totalsegmentator_snomed_mapping.csv")
    for row in csv.DictReader(io.StringIO(table)):
        _add(known, _of_mapping(row))
    types = json.loads(
        in_clone(auto3dseg, "MONAIAuto3DSeg/Resources/SegmentationCategoryTypeModifier-MONAIAuto3DSeg.term.json")
    )
    for category in types["SegmentationCodes"]["Category"]:
        for kind in category["Type"]:
            coded = {"category": _code(category), "type": _code(kind)}
            if not any(one.get("type") == coded["type"] and "region" not in one for one in known.values()):
                _add(known, {"name": kind["CodeMeaning"].lower(), **coded})
    for name in sorted({without_side(label).lower() for entry in entries for label in entry["labels"]}):
        _add(known, {"name": name})
    for name in OWN:
        known.setdefault(frozenset(words_of(name)), {"name": name})
    for match, meaning in _ta2(in_clone(totalsegmentator, "README.md")):
        _synonyms(known, match, (meaning,))
    for pattern, synonyms in (*SYNONYMS.items(), *ABBREVIATIONS.items()):
        _synonyms(known, pattern, synonyms)
    return [made for made in known.values() if len(made) > 1]


def _code(entry: Mapping[str, Any]) -> str:
    return "^".join(str(entry[part]) for part in ("CodingSchemeDesignator", "CodeValue", "CodeMeaning"))


def _of_mapping(row: Mapping[str, str]) -> dict[str, Any]:
    def code(part: str) -> str:
        values = [row[f"{part}Sequence.{end}"] for end in ("CodingSchemeDesignator", "CodeValue", "CodeMeaning")]
        return "^".join(values) if values[1] else ""

    return {
        "name": row["Structure"],
        "category": code("SegmentedPropertyCategoryCode"),
        "type": code("SegmentedPropertyTypeCode"),
        "modifier": code("SegmentedPropertyTypeModifierCode"),
        "region": code("AnatomicRegion"),
    }


def without_side(label: str) -> str:
    return "_".join(word for word in re.split(r"[\W_]+", label) if word.lower() not in SIDES)


def _add(known: dict[frozenset[str], dict[str, Any]], made: Mapping[str, Any]) -> None:
    made = {key: value for key, value in made.items() if value}
    sided = made.get("modifier", "").endswith(("^Left", "^Right")) or (
        made.get("region") and without_side(made["name"])
    )
    if sided:
        made["name"] = without_side(made["name"])
        if made.get("modifier", "").endswith(("^Left", "^Right")):
            del made["modifier"]
    known.setdefault(frozenset(words_of(made["name"])), made)


def _ta2(readme: str) -> list[tuple[str, str]]:
    """TotalSegmentator's names and those of the anatomists, where its table of classes has both."""
    rows = re.findall(r"(?m)^\| *\d+ \| ([\w\\]+) +\| ([^|]*?) *\|$", readme)
    return [(without_side(name.replace("\\", "")), without_side(meaning)) for name, meaning in rows if meaning.strip()]


def _synonyms(known: Mapping[frozenset[str], dict[str, Any]], pattern: str, synonyms: Iterable[str]) -> None:
    begin, star, _ = pattern.partition("*")
    exact = frozenset(words_of(pattern))
    for words, made in known.items():
        if (star and made["name"].lower().startswith(begin.lower())) or (not star and words == exact):
            new = [word.replace("_", " ") for word in synonyms]
            made["synonyms"] = list(dict.fromkeys([*made.get("synonyms", []), *new]))


def page_text() -> str:
    """models.md with its table of public models."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


def tables() -> str:
    """A table for each family, with a line for each model; what only has newer versions is left out."""
    families: dict[str, list[Download]] = {}
    for entry in list_all():
        if entry.family and not entry.replaced_by:
            families.setdefault(entry.family, []).append(entry)
    return "\n".join(_table(family, entries) for family, entries in families.items())


def _table(family: str, entries: list[Download]) -> str:
    lines = [f"\n### {family}\n", "| name | what | segments | voxels | MB | licence | commercial use | state |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for entry in entries:
        facts = to_json(entry)
        spacing = " × ".join(f"{mm:.3g}" for mm in facts["spacing_mm"]) + " mm" if facts["spacing_mm"] else ""
        use = {True: "yes", False: "**no**", None: "not stated"}[entry.commercial_use]
        size = entry.total_bytes
        state = "needs a key" if entry.needs_key else ""
        title = entry.title.removesuffix(f" ({family})")
        parts = f" ({len(entry.parts)} parts)" if entry.parts else ""
        lines.append(
            f"| `{entry.name}` | {title}{parts} | {len(entry.labels) or 'not stated'} | {spacing} | "
            f"{'' if size is None else round(size / 1e6)} | {entry.licence or 'not stated'} | {use} | {state} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
