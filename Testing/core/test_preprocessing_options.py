"""What a person's choices for the preprocessing become on the card of a new model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard, check_card
from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.preprocessing_options import PRESETS, PreprocessingOptions
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.training.recipes import RECIPES

MEDIAN = (0.5, 0.5, 4.0)
MR, CT = [False], [True]


def made(ct=MR, pictures=False, **chosen) -> Preprocessing:
    return PreprocessingOptions(**chosen).resolved(MEDIAN, ct, pictures)


def test_without_a_choice_it_is_what_it_was():
    assert made() == Preprocessing(MEDIAN, "z-score")
    assert made(CT) == Preprocessing(MEDIAN, "ct")
    assert made([True, False]) == Preprocessing(MEDIAN, "ct", channels=(Intensities("ct"), Intensities("z-score")))
    assert made(pictures=True) == Preprocessing(None, "z-score")


def test_every_preset_is_a_choice_and_made_of_options():
    names = {option.name: option for option in declared_options(PreprocessingOptions)}
    assert tuple(names["preprocessing"].choices) == tuple(PRESETS)
    for preset in PRESETS.values():
        for name, value in preset.items():
            assert names[name].parse(value) == value


@pytest.mark.parametrize(
    ("preset", "mr", "ct"),
    [
        (
            "zoetmulder2022",
            Preprocessing(MEDIAN, "none", extremes=(0, 1), clip_percentiles=(1, 99), crop="empty-slices"),
            Preprocessing(MEDIAN, "ct", crop="empty-slices"),
        ),
        (
            "mecheter2023",
            Preprocessing(MEDIAN, "local-contrast", crop="empty-slices"),
            Preprocessing(MEDIAN, "ct", crop="empty-slices"),
        ),
        ("hossain2023", Preprocessing(MEDIAN, "z-score"), Preprocessing(MEDIAN, "ct")),
        # 0.5·0.5·4 mm³ is 1 mm³.
        ("karimi2021", Preprocessing((1, 1, 1), "sd"), Preprocessing((1, 1, 1), "ct", (-1000.0, 1000.0))),
    ],
)
def test_a_preset_is_what_its_paper_says(preset, mr, ct):
    assert made(MR, preprocessing=preset) == mr
    assert made(CT, preprocessing=preset) == ct


def test_a_recipe_brings_the_preprocessing_of_its_paper_where_none_is_named():
    assert set(RECIPES) == set(PRESETS)
    assert PreprocessingOptions(n4=True).after("karimi2021") == PreprocessingOptions("karimi2021", n4=True)
    assert PreprocessingOptions("default").after("karimi2021") == PreprocessingOptions("default")


def test_an_option_changes_one_part_of_a_preset():
    chosen = made(preprocessing="zoetmulder2022", drop_empty_slices=False, clip_percentiles=(2, 98), n4=True)
    assert chosen == Preprocessing(MEDIAN, "none", extremes=(0, 1), clip_percentiles=(2, 98), n4=True)
    assert made(preprocessing="karimi2021", spacing="0.8").spacing_mm == (0.8, 0.8, 0.8)


@pytest.mark.parametrize(
    ("spacing", "mm"),
    [("median", MEDIAN), ("own", None), ("isotropic", (1, 1, 1)), ("2", (2, 2, 2)), ("0.9x1x3.25", (0.9, 1, 3.25))],
)
def test_a_spacing_is_a_word_a_number_or_three(spacing, mm):
    assert made(spacing=spacing).spacing_mm == mm


@pytest.mark.parametrize("spacing", ["0", "0.0", "1x2", "-1", "nan", "1000", "1x1x0", "x"])
def test_a_spacing_that_is_none_is_refused(spacing):
    with pytest.raises(InputError, match="must be median, isotropic, own"):
        PreprocessingOptions(spacing=spacing)


def test_n4_and_matching_leave_ct_alone():
    assert made([True, False], n4=True).channels == (Intensities("ct"), Intensities("z-score", n4=True))
    for option in ("n4", "histogram_match"):
        with pytest.raises(InputError, match="is for MR"):
            made(CT, **{option: True})


def test_an_option_that_acts_on_nothing_is_refused():
    with pytest.raises(InputError, match="--window-hu: no channel is CT; leave it out, or give --normalisation ct"):
        made(window_hu=(-100, 300))
    with pytest.raises(InputError, match="--clip-percentiles: the images are CT"):
        made(CT, clip_percentiles=(1, 99))
    assert made(window_hu=(-100, 300), normalisation="ct").window_hu == (-100, 300)
    assert made(CT, clip_percentiles=(1, 99), normalisation="z-score").clip_percentiles == (1, 99)


def test_slices_come_last_where_they_shall_and_not_where_axial_ones_are_left_out():
    assert made(slices_last=True) == Preprocessing(MEDIAN, "z-score", slices_last=True)
    assert not made(slices_last=False).slices_last
    for chosen in ({"drop_empty_slices": True}, {"preprocessing": "zoetmulder2022"}):
        with pytest.raises(
            InputError, match="--slices-last: slices without content are left out of axial slices alone"
        ):
            made(slices_last=True, **chosen)
    assert made(slices_last=True, preprocessing="zoetmulder2022", drop_empty_slices=False).slices_last


@pytest.mark.parametrize("name", ["clip_percentiles", "window_hu"])
def test_a_range_must_rise(name):
    with pytest.raises(InputError, match="the second number must be larger"):
        PreprocessingOptions(**{name: (50, 50)})


def test_choices_survive_the_jobs_file():
    chosen = PreprocessingOptions("karimi2021", n4=True, window_hu=(-500, 500), spacing="1x1x2")
    assert from_json(PreprocessingOptions, to_json(chosen), "job") == chosen


def test_landmarks_on_a_card_must_be_eleven_rising_numbers():
    labels, network = (CardLabel(1, "a"),), CardNetwork("segnet")
    card = ModelCard(
        2, "m", "", "", "mr", "", labels, ("MR",), network, Preprocessing(None), (8, 8, 8), "", "", ""
    )  # fmt: skip
    rising = tuple(float(n) for n in range(11))
    check_card(replace(card, preprocessing=Preprocessing(None, landmarks=rising)), "card")
    for wrong in (rising[:5], rising[::-1], (*rising[:10], float("nan")), (1.0,) * 11):
        with pytest.raises(InputError, match="must be 11 rising numbers"):
            check_card(replace(card, preprocessing=Preprocessing(None, landmarks=wrong)), "card")
