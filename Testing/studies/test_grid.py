"""A study's grid: what a person writes, the cells that it stands for, and what is refused."""

from __future__ import annotations

import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.studies.grid import Study, StudyData, StudySource, cells, parse_study, study_text, varied_factors

TEXT = """
title: How many layers to tune
data:
  t1w: {phantom: t1w, cases: 8, seed: 1, test: 2}
  t2w: {path: /data/my-cases, validation: 2, test: 4}
  split: {path: /data/others, folds: 3}
sources:
  heads: {pretrain: {data: [t1w], network: monai-unet, training: {steps: 500}}}
  any-network: {pretrain: {data: [t1w]}}
  shipped: {model: head-t1w}
training: {steps: 200}
grids:
- strategy: [direct, "conservative:layers=6"]
  source: heads
  target: t2w
  size: [2, 4]
  draw: [0, 1, 2]
  augment: [none, light]
- {strategy: scratch, source: none, network: dynunet, target: t2w}
"""


def study(**changes) -> Study:
    known = {
        "title": "A study",
        "data": {"cases": StudyData(path="/data/cases", test=2), "split": StudyData(path="/data/cases", folds=3)},
        "sources": {"shipped": StudySource(model="head-t1w")},
        "grids": ({"strategy": "open", "source": "shipped", "target": "cases"},),
    }
    return Study(**{**known, **changes})


def refused(text: str, *replaced: tuple[str, str]) -> str:
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(InputError) as caught:
        parse_study(text, "grid.yaml")
    return str(caught.value)


def test_a_grid_stands_for_the_product_of_its_levels_and_the_grids_are_put_together():
    found = cells(parse_study(TEXT, "grid.yaml"))
    # `direct` is trained on no cases, so it depends on neither size nor draw.
    assert len(found) == 2 + 2 * 3 * 2 + 1
    assert found[0].factors == {
        "strategy": "direct",
        "recipe": "default",
        "source": "heads",
        "network": None,
        "target": "t2w",
        "size": None,
        "draw": 0,
        "fold": None,
        "seed": 0,
        "augment": "none",
    }
    assert (found[2].factors["size"], found[2].factors["draw"], found[-1].factors["size"]) == (2, 0, None)
    assert found[-1].factors["network"] == "dynunet"
    assert varied_factors(parse_study(TEXT, "x")) == ("strategy", "source", "network", "size", "draw", "augment")


def test_a_cell_that_two_grids_have_is_there_once():
    grid = {"strategy": ["open", "direct"], "source": "shipped", "target": "cases"}
    assert len(cells(study(grids=(grid, {**grid, "strategy": "open"})))) == 2


def test_a_name_says_what_tells_a_cell_from_the_others_and_nothing_else():
    def readable(*grids):
        return [cell.name.rpartition(".")[0] for cell in cells(study(grids=grids))]

    start = {"source": "shipped", "target": "cases"}
    assert readable({"strategy": ["open", "direct"], **start, "size": [2, 4]}) == [
        "open--size-2",
        "open--size-4",
        "direct",
    ]
    assert readable({"strategy": "open", **start, "size": 4, "seed": 3}) == ["open"]
    assert readable({"strategy": "open", **start, "seed": [0, 1]}) == ["open--seed-0", "open--seed-1"]
    network = "monai-unet:channels=16-32-64-128-256:strides=2-2-2-2:num_res_units="
    scratch = {"strategy": "scratch", "source": "none", "target": "cases"}
    assert readable({**scratch, "network": [f"{network}0", f"{network}2", "dynunet"]}) == [
        "scratch--network-monai-unet-num--res--units-0",
        "scratch--network-monai-unet-num--res--units-2",
        "scratch--network-dynunet",
    ]


def test_a_refusal_names_the_line_of_the_field():
    assert refused(TEXT, ("size: [2, 4]", "size: [0]")).startswith("grid.yaml, line 16: field `grids[0].size`")
    assert refused(TEXT, ("data: [t1w], network", "data: [mine], network")).startswith(
        "grid.yaml, line 8: field `sources"
    )
    # What is missing is on no line; its grid is.
    assert refused(TEXT, ("  source: heads\n", "")).startswith(
        "grid.yaml, line 13: field `grids[0]`: `source` is missing"
    )


def test_names_of_cells_are_folders_and_follow_from_all_that_decides_a_result():
    names = [cell.name for cell in cells(parse_study(TEXT, "x"))]
    assert len(set(names)) == len(names)
    assert all(len(name) < 120 and "/" not in name and ":" not in name for name in names)
    same = [cell.name for cell in cells(parse_study(TEXT.replace("title: How", "title: Why"), "x"))]
    assert names == same
    other = {cell.name for cell in cells(parse_study(TEXT.replace("steps: 500", "steps: 501"), "x"))}
    assert len(other & set(names)) == 1  # that which begins from no source
    written_out = TEXT.replace("phantom: t1w, cases: 8", "phantom: t1w, cases: 8, lesions: false, bins: 8")
    assert names == [cell.name for cell in cells(parse_study(written_out, "x"))]  # a default changes nothing
    more_levels = {cell.name for cell in cells(parse_study(TEXT.replace("size: [2, 4]", "size: [2, 4, 8]"), "x"))}
    assert set(names) < more_levels


def test_a_study_that_was_written_is_read_as_the_same_study():
    first = parse_study(TEXT, "grid.yaml")
    text = study_text(first)
    assert parse_study(text, "grid.yaml") == first
    assert "split_seed" not in text  # what has its default is left out


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        (("size: [2, 4]", "sizes: [2, 4]"), "`sizes` is no factor"),
        (("target: t2w\n  size", "target: t3w\n  size"), "there is no `t3w`; the study has t1w, t2w, split"),
        (("source: heads", "source: head"), "grids[0].source`: there is no `head`"),
        (("source: heads", "source: any-network"), "give the factor `network`"),
        (("source: heads", "source: heads\n  network: dynunet"), "leave `network` out"),
        (("strategy: scratch", "strategy: open"), "without one there is `scratch` alone"),
        (("layers=6", "layers=-6"), "grids[0].strategy`"),
        (("size: [2, 4]", "size: [0]"), "grids[0].size`: `0` is no whole number from 1"),
        (("size: [2, 4]", "size: []"), "at least one"),
        (("augment: [none, light]", "augment: [much]"), "must be some of none"),
        (("steps: 200", "step: 200"), "`step` is no training option"),
        (("training: {steps: 200}", "preprocessing: {n5: yes}"), "`n5` is no choice of preprocessing"),
        (("training: {steps: 200}", "preprocessing: {normalisation: much}"), "field `preprocessing`: option"),
        (("training: {steps: 200}", "lesions: {lesions: lesion, lesion_overlap: much}"), "such as `0, 20 %`"),
        (("target: t2w\n  size", "target: split\n  size"), "fold None of `split`"),
        (("target: t2w\n  size", "target: split\n  fold: [0, 3]\n  size"), "fold 3 of `split`, which has 3"),
        (("data: [t1w], network", "data: [mine], network"), "sources.heads.pretrain.data`: there is no `mine`"),
        (("{model: head-t1w}", "{}"), "sources.shipped`: a source has a `model` or a `pretrain`"),
        (("phantom: t1w", "phantom: pet"), "data`.t1w: field `phantom`: `pet` is not one of t1w, t2w, ct"),
        (("path: /data/others", "phantom: t1w, path: /data/others"), "a data set has a `path` or a `phantom`"),
        (
            ("path: /data/others", "path: /data/others, seed: 1, voxels: [9, 9, 9]"),
            "`seed`, `voxels` are for a `phantom`",
        ),
        (("folds: 3", "folds: 3, test: 2"), "takes the place of `test`"),
        (("title: How many layers to tune", "titel: x"), "unknown field `titel`"),
        (("title: How many layers to tune", "title: &a x\nlesions: *a"), "aliases are not read"),
        (("title: How many layers to tune", "title: !!python/object:os.system x"), "not valid YAML"),
        (("draw: [0, 1, 2]", f"draw: {list(range(3000))}"), "more than 10,000 cells"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_that_says_it(replaced, said):
    sentence = refused(TEXT, replaced)
    assert said in sentence and sentence.startswith("grid.yaml")


def test_a_file_that_is_nested_without_end_or_is_no_study_is_refused():
    assert "nested too deeply" in refused("[" * 5000)
    assert "expected an object" in refused("- 1\n- 2")
