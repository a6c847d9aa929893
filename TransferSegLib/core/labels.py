"""What a model segments: the classes of its output, and the values they have in segmentation files."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import EllipsisType

import numpy as np

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.regions import Region, renumbered

# So many voxels are looked up at a time.
PART_VOXELS = 2**21
# Arrays of classes are uint8. Beside classes they hold numbers for voxels whose class is not known: `IGNORE` for one that
# nobody annotated, and from `FIRST_OPEN` on one that may be of several classes (`LabelTask.open_sets`).
MOST_CLASSES = 239
FIRST_OPEN = MOST_CLASSES + 1
IGNORE = 255
# Stands in pictures of label values where the class is not known.
UNKNOWN_VALUE = -1


@dataclass(frozen=True)
class LabelTask:
    """What the adapted model segments.

    Class 0 is the background; class n ≥ 1 is `names[n - 1]`, written in segmentation files as `values[n - 1]`.

    Attributes:
        names: The name of each class but the background.
        values: The value of each class but the background in segmentation files.
        target_classes: Value in the target's label files → class; labels that are dropped → 0.
        source_classes: For each class, 0 included, the output classes of the source network that it begins from; () for a
            new one.
        dropped: The names of the target's labels that count as background.
        open_sets: The classes that the background of a case may be where labels are not annotated in it: 0 and theirs. Such
            a voxel has the number `FIRST_OPEN` in arrays of classes for the first set, one more for the second, and so on.
        regions: The regions that the labels are, by classes, in the order in which they are painted; none where each voxel
            has one label.
    """

    names: tuple[str, ...]
    values: tuple[int, ...]
    target_classes: Mapping[int, int]
    source_classes: tuple[tuple[int, ...], ...]
    dropped: tuple[str, ...] = ()
    open_sets: tuple[tuple[int, ...], ...] = ()
    regions: tuple[Region, ...] = ()

    @property
    def new_names(self) -> tuple[str, ...]:
        """The labels that the source model does not know."""
        return tuple(name for name, begins in zip(self.names, self.source_classes[1:], strict=True) if not begins)

    @property
    def value_regions(self) -> tuple[Region, ...]:
        """The regions by the values of segmentation files."""
        return renumbered(self.regions, dict(enumerate(self.values, start=1)))

    def lacking(self, not_annotated: Collection[int]) -> tuple[int, ...]:
        """The classes that are not annotated, or not in full, in a case.

        Args:
            not_annotated: The values of the labels that are not annotated in it, see `Case.not_annotated`.
        """
        return tuple(sorted({self.target_classes.get(value, 0) for value in not_annotated} - {0}))

    def background_of(self, not_annotated: Collection[int]) -> int:
        """The number that the background of a case has in arrays of classes: 0, or one from `FIRST_OPEN` on."""
        lacking = self.lacking(not_annotated)
        return FIRST_OPEN + self.open_sets.index((0, *lacking)) if lacking else 0

    def encode(self, label_values: np.ndarray, not_annotated: Collection[int] = ()) -> np.ndarray:
        """Turn values of the target's label files into classes.

        Args:
            label_values: Any shape.
            not_annotated: The values of the labels that are not annotated in the case.

        Returns:
            The classes, uint8, of the same shape; `IGNORE` and `background_of` the case where the class is not known.

        Raises:
            InputError: A value is not in the data set's list of labels.
        """
        known = np.array(sorted({0, *self.target_classes}))
        classes = np.array([self.target_classes.get(int(value), 0) for value in known], dtype=np.uint8)
        classes[known == 0] = self.background_of(not_annotated)
        found = np.empty(np.shape(label_values), np.uint8)
        for part in _parts(found.shape):
            values = np.asarray(label_values)[part]
            places = np.searchsorted(known, values).clip(max=len(known) - 1)
            strange = known[places] != values
            if strange.any():
                raise InputError(
                    "label-not-listed",
                    "label value {value} is not in the data set's list of labels; add it to the list, "
                    "or correct the segmentation.",
                    value=np.asarray(values)[strange].flat[0],
                )
            found[part] = classes[places]
        return found

    def decode(self, classes: np.ndarray) -> np.ndarray:
        """Turn classes into the values of segmentation files.

        What is not known is 0, as background is.

        Args:
            classes: Classes of this task, of any shape.

        Returns:
            Label values of the same shape, uint8 where they fit and int32 otherwise.
        """
        values = np.zeros(IGNORE + 1, np.int64)
        values[1 : len(self.values) + 1] = self.values
        return look_up(values.astype(label_type(values)), classes)

    def from_source(self, source_classes: np.ndarray) -> np.ndarray:
        """Turn output classes of the source network into classes of this task.

        Classes that the target has no label for become background. A label that the source does not know is never predicted.

        Args:
            source_classes: Classes of the source network, of any shape.

        Returns:
            Classes of the same shape, uint8.
        """
        to_class = np.zeros(max(int(source_classes.max(initial=0)), *map(_highest, self.source_classes)) + 1, np.uint8)
        # What is painted last is the smallest region.
        order = [0, *(region.number for region in self.regions)] if self.regions else range(len(self.source_classes))
        for here in order:
            to_class[list(self.source_classes[here])] = here
        return look_up(to_class, source_classes)


def look_up(table: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`table[places]`, a part at a time: numpy takes eight bytes of memory for each place.

    Args:
        table: (N,).
        places: Whole numbers from 0 to N - 1, of any shape.

    Returns:
        Of the type of `table` and the shape of `places`.
    """
    found = np.empty(places.shape, table.dtype)
    for part in _parts(places.shape):
        found[part] = table[places[part]]
    return found


def _parts(shape: tuple[int, ...]) -> Iterator[slice | EllipsisType]:
    """Divide an array along its first axis into parts of about `PART_VOXELS` voxels."""
    if not shape:
        yield ...
        return
    step = max(1, PART_VOXELS * shape[0] // max(1, math.prod(shape)))
    for first in range(0, shape[0], step):
        yield slice(first, first + step)


def label_type(values: np.ndarray) -> type[np.uint8] | type[np.int32]:
    """Return the type that label values are kept in: uint8 where they fit, int32 otherwise."""
    return np.uint8 if values.size == 0 or (values.min() >= 0 and values.max() <= 255) else np.int32


def _highest(classes: tuple[int, ...]) -> int:
    return max(classes, default=0)
