import numpy as np
import pytest

from TransferSegLib.core.grid import Grid
from TransferSegLib.core.palette import LABELS
from TransferSegLib.evaluation.figures.gallery import FILL, GalleryRow, draw_gallery
from TransferSegLib.evaluation.figures.slices import covering_labels, slice_picture
from TransferSegLib.evaluation.overlays import Overlay, cut_slice


def row(case="case-1", shape=(4, 6)):
    image, reference = np.arange(24.0).reshape(4, 6)[: shape[0], : shape[1]], np.zeros(shape, int)
    reference[1, 1:3] = 1
    open_, direct = np.zeros(shape, int), np.zeros(shape, int)
    open_[1, 1:3], direct[2, 2] = 1, 2
    return GalleryRow(case, image, reference, {"open": open_, "direct": direct}, (1.0, 2.0))


def test_each_case_is_a_row_of_image_reference_and_segmentations_with_pixels_as_large_as_in_mm():
    figure = draw_gallery("Cases", [row("a"), row("b")], {1: LABELS[0], 2: LABELS[1]}, {1: "bone", 2: "air"})
    assert len(figure.axes) == 2 * 4
    box = figure.axes[0].get_position()
    wide, high = box.width * figure.get_figwidth(), box.height * figure.get_figheight()
    assert high / wide == pytest.approx((4 * 1.0) / (6 * 2.0))
    said = [text.get_text() for text in figure.texts]
    assert said[0] == "Cases" and said[1:5] == ["Image", "Reference", "open", "direct"]
    assert {"a", "b", "bone", "air"} <= set(said)


def test_a_segmentation_is_filled_in_its_labels_colours_and_the_reference_is_its_white_line():
    figure = draw_gallery("Cases", [row()], {1: LABELS[0], 2: LABELS[1]}, {1: "bone", 2: "air"})
    image, reference, open_, direct = figure.axes
    assert len(image.images) == 1 and [len(axes.images) for axes in (reference, open_, direct)] == [2, 2, 2]
    fill = np.asarray(direct.images[1].get_array())
    assert tuple(fill[2, 2]) == (*LABELS[1], round(255 * FILL)) and fill[..., 3].astype(bool).sum() == 1
    assert np.array_equal(np.asarray(open_.images[1].get_array()), np.asarray(reference.images[1].get_array()))
    assert (len(reference.patches), len(direct.patches)) == (0, 1)
    # The line goes round the two voxels of the reference: columns 1 to 3 and rows 1 to 2.
    assert direct.patches[0].get_path().get_extents().extents.tolist() == [1, 1, 3, 2]


def around_everything():
    """Label 2 is around label 1, as air is around a head."""
    reference = np.full((4, 6), 2)
    reference[1:3, 1:5] = 1
    return GalleryRow("a", np.arange(24.0).reshape(4, 6), reference, {"open": reference}, (1.0, 1.0))


def test_a_label_that_lies_around_everything_or_that_the_card_hides_would_cover_the_image():
    reference = around_everything().reference2d
    assert covering_labels([reference]) == {2}
    assert covering_labels([reference], {1}) == {1, 2}
    assert covering_labels([np.where(reference == 2, 0, 1)]) == frozenset()
    reference[0] = reference[:, 0] = 1  # 4 + 6 - 1 of 16 pixels at the edge
    assert covering_labels([reference]) == {1} and covering_labels([]) == frozenset()


def test_a_label_that_would_cover_the_image_is_a_line_in_its_colour_and_is_not_filled():
    figure = draw_gallery("Cases", [around_everything()], {1: LABELS[0], 2: LABELS[1]}, {1: "bone", 2: "air"})
    _, reference, open_ = figure.axes
    for axes in (reference, open_):
        fill = np.asarray(axes.images[1].get_array())
        assert fill[..., 3].astype(bool).sum() == 2 * 4 and tuple(fill[1, 1, :3]) == LABELS[0]
    assert [patch.get_edgecolor()[:3] for patch in reference.patches] == [tuple(n / 255 for n in LABELS[1])]
    assert len(open_.patches) == 3  # the reference of both labels in white, and the segmented air
    overlay = Overlay("open", "a", "best", *[getattr(around_everything(), n) for n in ("image2d", "reference2d")],
                      around_everything().reference2d, (1.0, 1.0))  # fmt: skip
    (axes,) = slice_picture(overlay, {1: LABELS[0], 2: LABELS[1]}, {2}).axes
    assert np.asarray(axes.images[1].get_array())[..., 3].astype(bool).sum() == 2 * 4
    assert sum(patch.get_linestyle() == ":" for patch in axes.patches) == 1


def test_without_cases_nothing_is_drawn():
    assert draw_gallery("Cases", [], {}, {}) is None


def test_all_segmentations_are_cut_at_the_slice_where_most_of_them_is_and_to_what_any_of_them_found():
    image = np.random.default_rng(0).normal(size=(40, 40, 9))
    first, second = np.zeros((40, 40, 9), int), np.zeros((40, 40, 9), int)
    first[10:14, 10:14, 6] = 1
    second[20:24, 10:14, 6] = 1
    second[0, 0, 2] = 1
    grid = Grid((40, 40, 9), np.diag([1.0, 1.0, 3.0, 1.0]))
    image2d, (first2d, second2d), spacing = cut_slice(image, (first, second), grid)
    assert spacing == (1.0, 1.0) and first2d.sum() == 16 and second2d.sum() == 16
    assert image2d.shape == first2d.shape == second2d.shape
