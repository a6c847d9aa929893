"""The target cases: what the table shows, kept in the parameter node so that they come back with the scene."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import slicer

from TransferSegGui.regions import Named, named_regions, read_named
from TransferSegGui.segmentations import is_segmentation, segment_names
from TransferSegGui.volumes import is_image
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.case_set import Case, CaseSet, Role
from TransferSegLib.core.errors import InputError

PARAMETER = "cases"
# Of a copy of an image of a sequence: the volume in whose place it was shown, as a node reference.
SHOWN_AS = "TransferSeg.ShownAs"
# The highest key that was ever given in this scene: a job remembers keys, and another case must not come under one of them.
LAST_KEY = "lastCase"


@dataclass(frozen=True)
class TargetCase:
    """A case of the table.

    Attributes:
        images: Its image: for each channel a volume node or a file.
        segmentation: A node or a label file; None for none.
        role: What the case is for.
        labels: The name of each value of a label *file*; the segments of a node name themselves.
        not_annotated: The names of the labels that nobody annotated in it, see `Case.not_annotated`.
        annotated_slices: Which slices are annotated, see `AnnotatedSlices.parse`; "" for all.
        called: What the case of a data set is called there: images of several cases may have one name. "" takes the images'.
        flagged: Whether the person has put it aside, to be looked at later: it is not proposed to be annotated.
        regions: The regions that the labels of a label *file* are, by names; a node declares its own, see `regions`.
        key: Stays the same as long as the case is in the table; no other case of the scene ever has it.
    """

    images: tuple[slicer.vtkMRMLVolumeNode | Path, ...]
    segmentation: slicer.vtkMRMLNode | Path | None = None
    role: Role = "train"
    labels: dict[int, str] = field(default_factory=dict)
    key: str = ""
    called: str = ""
    not_annotated: tuple[str, ...] = ()
    annotated_slices: str = ""
    flagged: bool = False
    regions: Named = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the case in the panel; jobs do not contain it."""
        return self.called or " + ".join(
            image.name if isinstance(image, Path) else image.GetName() for image in self.images
        )

    @property
    def in_scene(self) -> bool:
        """Whether its images are nodes of the scene, and not files."""
        return not isinstance(self.images[0], Path)

    @property
    def label_names(self) -> list[str]:
        """The names of what is segmented in this case."""
        if self.segmentation is None:
            return []
        if isinstance(self.segmentation, Path):
            return list(self.labels.values())
        return segment_names(self.segmentation)


class TargetCases:
    """The list of cases in a scripted module node: texts in a parameter, volumes and segmentations as node references.

    >>> cases = TargetCases(parameterNode)                       # doctest: +SKIP
    >>> cases.add([TargetCase((volume,), segmentation)])         # doctest: +SKIP
    """

    def __init__(self, node: slicer.vtkMRMLScriptedModuleNode) -> None:
        self.node = node

    def all(self) -> list[TargetCase]:
        """The cases in order; one of whose volumes any was removed from the scene is not among them."""
        return [case for entry in self._entries() if (case := self._case(entry)) is not None]

    def get(self, key: str) -> TargetCase | None:
        """The case of this key, or None where there is none."""
        return next((self._case(entry) for entry in self._entries() if entry["key"] == key), None)

    def add(self, cases: Iterable[TargetCase]) -> list[TargetCase]:
        """Append cases, each with a key of its own, and return them as they are kept."""
        entries = self._entries()
        last = max([int(self.node.GetParameter(LAST_KEY) or 0), *(int(entry["key"]) for entry in entries)])
        added = []
        with slicer.util.NodeModify(self.node):
            for number, case in enumerate(cases, start=last + 1):
                added.append(replace(case, key=str(number)))
                entries.append(self._write(added[-1]))
                self.node.SetParameter(LAST_KEY, str(number))
            self._save(entries)
        return added

    def update(self, case: TargetCase) -> None:
        """Replace the case of the same key: its first image stays, all else may be another."""
        with slicer.util.NodeModify(self.node):
            entries = [self._write(case) if entry["key"] == case.key else entry for entry in self._entries()]
            self._save(entries)

    def remove(self, keys: Iterable[str]) -> None:
        """Take the cases with these keys out of the list."""
        gone = set(keys)
        with slicer.util.NodeModify(self.node):
            for key in gone:
                self.node.RemoveNodeReferenceIDs(_image_role(key))
                self.node.RemoveNodeReferenceIDs(_segmentation_role(key))
            self._save([entry for entry in self._entries() if entry["key"] not in gone])

    def restore(self, before: Sequence[TargetCase], keys: Iterable[str]) -> None:
        """Bring cases back as they were, each to its place.

        Args:
            before: The list as it was. Cases that were added since come after these.
            keys: The cases that come back, or are again as they were; one whose volumes have left the scene does not.
        """
        wanted = set(keys)
        with slicer.util.NodeModify(self.node):
            entries = {entry["key"]: entry for entry in self._entries()}
            first = {}
            for case in before:
                here = all(isinstance(image, Path) or image.GetScene() is not None for image in case.images)
                if case.key in wanted and here:
                    first[case.key] = self._write(case)
                elif case.key in entries:
                    first[case.key] = entries[case.key]
            self._save([*first.values(), *(entry for key, entry in entries.items() if key not in first)])

    def join(self, keys: Sequence[str]) -> TargetCase:
        """Make one case of several, which are its channels.

        It has the first one's key: a job remembers a case by its first image, which stays.

        Args:
            keys: The cases, in the order of the channels.

        Returns:
            The joined case.

        Raises:
            InputError: There are fewer than two, or some are of the scene and some of a folder.
        """
        cases = [case for key in keys if (case := self.get(key)) is not None]
        if len(cases) < 2:
            raise InputError(
                "too-few-to-join",
                "fewer than two cases are selected; select the rows that are channels of one case.",
            )
        if len({case.in_scene for case in cases}) > 1:
            raise InputError(
                "join-of-mixed-origins",
                "cases of the scene and of a folder cannot be joined; load the files into the scene first.",
            )
        segmentations = [case.segmentation for case in cases if case.segmentation is not None]
        joined = replace(
            cases[0],
            images=tuple(image for case in cases for image in case.images),
            segmentation=segmentations[0] if segmentations else None,
            labels=next((case.labels for case in cases if case.labels), {}),
            role=next((case.role for case in cases if case.segmentation is not None), cases[0].role),
            called="" if cases[0].in_scene else " + ".join(case.name for case in cases),
        )
        self.remove(case.key for case in cases[1:])
        self.update(joined)
        return joined

    def _entries(self) -> list[dict[str, Any]]:
        try:
            entries = json.loads(self.node.GetParameter(PARAMETER) or "[]")
        except ValueError:
            return []
        known = entries if isinstance(entries, list) else []
        return [
            entry
            for entry in known
            if isinstance(entry, dict) and "key" in entry and entry.get("role") in get_args(Role)
        ]

    def _save(self, entries: list[dict[str, Any]]) -> None:
        self.node.SetParameter(PARAMETER, json.dumps(entries, ensure_ascii=False))

    def _write(self, case: TargetCase) -> dict[str, Any]:
        entry: dict[str, Any] = {"key": case.key, "role": case.role, "channels": len(case.images)}
        if case.not_annotated:
            entry["notAnnotated"] = list(case.not_annotated)
        if case.flagged:
            entry["flagged"] = True
        if case.annotated_slices and case.segmentation is not None:
            entry["annotatedSlices"] = case.annotated_slices
        self.node.RemoveNodeReferenceIDs(_image_role(case.key))
        self.node.RemoveNodeReferenceIDs(_segmentation_role(case.key))
        for image in case.images:
            if not isinstance(image, Path):
                self.node.AddNodeReferenceID(_image_role(case.key), image.GetID())
        if not case.in_scene:
            entry["images"] = [str(image) for image in case.images]
            entry["called"] = case.called
        if isinstance(case.segmentation, Path):
            entry["segmentation"] = str(case.segmentation)
            entry["labels"] = {str(value): name for value, name in case.labels.items()}
            if case.regions:
                entry["regions"] = json.dumps({name: list(covers) for name, covers in case.regions.items()})
        elif case.segmentation is not None:
            self.node.SetNodeReferenceID(_segmentation_role(case.key), case.segmentation.GetID())
        return entry

    def _case(self, entry: dict[str, Any]) -> TargetCase | None:
        key = entry["key"]
        images: tuple = tuple(map(Path, entry.get("images", ())))
        if not images:
            role = _image_role(key)
            count = self.node.GetNumberOfNodeReferences(role)
            images = tuple(self.node.GetNthNodeReference(role, n) for n in range(count))
        # With a volume its reference goes, too: the other channels alone are not this case.
        if any(image is None for image in images) or len(images) != entry.get("channels", len(images) or 1):
            return None
        if "segmentation" in entry:
            segmentation = Path(entry["segmentation"])
        else:
            segmentation = self.node.GetNodeReference(_segmentation_role(key))
        labels = {int(value): name for value, name in entry.get("labels", {}).items()}
        return TargetCase(
            images,
            segmentation,
            entry["role"],
            labels,
            key,
            str(entry.get("called", "")),
            tuple(map(str, entry.get("notAnnotated", ()))),
            str(entry.get("annotatedSlices", "")),
            entry.get("flagged") is True,
            read_named(str(entry.get("regions", ""))),
        )


def cases_of(images: Iterable[slicer.vtkMRMLVolumeNode], known: Sequence[TargetCase]) -> list[TargetCase]:
    """A case for each of the images that no known case has, with the segmentation that belongs to it.

    Args:
        images: Volumes of the scene.
        known: The cases that are in the table; their images and segmentations are given to no other case.
    """
    taken = {image for case in known if case.in_scene for image in case.images}
    belonging, given = _belonging(), {case.segmentation for case in known}
    found = []
    for image in dict.fromkeys(images):
        if image not in taken:
            own = [node for node in _of_image(image, belonging) if node not in given]
            # Of several, as of two readers, the person chooses: the checks ask which one it is.
            found.append(TargetCase((image,), own[0] if len(own) == 1 else None, "train" if own else "unlabelled"))
    return found


def find_segmentation(volume: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLNode | None:
    """The segmentation that belongs to a volume: drawn on it, else named after it, else beside it in its study.

    None where there is none, and where there are several: which one it is cannot be known then.
    """
    own = _of_image(volume, _belonging())
    return own[0] if len(own) == 1 else None


def segmentations_to_choose(case: TargetCase) -> list[slicer.vtkMRMLNode]:
    """The segmentations of the scene that belong to a case's image."""
    return _of_image(case.images[0], _belonging()) if case.in_scene else []


def _of_image(
    image: slicer.vtkMRMLVolumeNode, belonging: Mapping[slicer.vtkMRMLVolumeNode, list[slicer.vtkMRMLNode]]
) -> list[slicer.vtkMRMLNode]:
    """The segmentations of an image, and for the shown image of a sequence those of the stand-in."""
    return belonging.get(image, []) or belonging.get(image.GetNodeReference(SHOWN_AS), [])


def _belonging() -> dict[slicer.vtkMRMLVolumeNode, list[slicer.vtkMRMLNode]]:
    """The segmentations of each image of the scene that has some; none is of two images."""
    images, role = images_of_scene(), slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    by_study: dict[int, list[slicer.vtkMRMLVolumeNode]] = {}
    for image in images:
        by_study.setdefault(_study(image), []).append(image)
    drawn: dict[slicer.vtkMRMLVolumeNode, list[slicer.vtkMRMLNode]] = {}
    named: dict[slicer.vtkMRMLVolumeNode, list[slicer.vtkMRMLNode]] = {}
    beside: dict[slicer.vtkMRMLVolumeNode, list[slicer.vtkMRMLNode]] = {}
    for node in _own_segmentations():
        image = node.GetNodeReference(role)
        if is_image(image):
            drawn.setdefault(image, []).append(node)
            continue
        study = _study(node)
        near = by_study.get(study, []) if study else []
        owner = _named_like(node, near) or _named_like(node, images)
        if owner is not None:
            named.setdefault(owner, []).append(node)
        elif len(near) == 1:
            beside.setdefault(near[0], []).append(node)
    return beside | named | drawn


def _named_like(
    node: slicer.vtkMRMLNode, images: Iterable[slicer.vtkMRMLVolumeNode]
) -> slicer.vtkMRMLVolumeNode | None:
    """The image whose name the node's name begins with; of several (`case_1` and `case_1 b`), the one with the longest name.

    The name must end where a word does: `case_10 labels` is not named after `case_1`. None if two images have that name.
    """
    name = node.GetName().lower()
    found = [
        image
        for image in images
        if (own := image.GetName().lower()) and name.startswith(own) and not name[len(own) : len(own) + 1].isalnum()
    ]
    longest = max((len(image.GetName()) for image in found), default=0)
    found = [image for image in found if len(image.GetName()) == longest]
    return found[0] if len(found) == 1 else None


def images_of_scene() -> list[slicer.vtkMRMLVolumeNode]:
    """The images of the scene but for those that this module has read from a job to show its results."""
    nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    return [node for node in nodes if is_image(node) and not node.GetAttribute(RESULT)]


def _own_segmentations() -> list[slicer.vtkMRMLNode]:
    """Segmentations and label maps that this module has not made."""
    return [
        node
        for kind in ("vtkMRMLSegmentationNode", "vtkMRMLLabelMapVolumeNode")
        for node in slicer.util.getNodesByClass(kind)
        if is_segmentation(node) and not node.GetAttribute(RESULT)
    ]


def _study(node: slicer.vtkMRMLNode) -> int:
    """The item of the subject hierarchy in which a node lies, or 0 where it lies in none."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
    return 0 if item == hierarchy.GetSceneItemID() else item


def cases_of_folder(path: Path) -> list[TargetCase]:
    """The cases of a data set on disk, in any format that the library reads; their files stay where they are."""
    found = read_case_set(path)
    return [_from_file(case, found) for case in found.cases]


def not_listed(found: Iterable[TargetCase], known: Iterable[TargetCase]) -> list[TargetCase]:
    """The cases whose files are those of no known case, so that a folder that is added twice gives no row twice."""
    listed = {_files_of(case) for case in known if not case.in_scene}
    return [case for case in found if _files_of(case) not in listed]


def _files_of(case: TargetCase) -> tuple[Path, ...]:
    return tuple(image.resolve() for image in case.images if isinstance(image, Path))


# Marks the nodes that this module made, so that they are not taken for the person's own.
RESULT = "TransferSeg.Result"


def _from_file(case: Case, found: CaseSet) -> TargetCase:
    labels = found.labels_in_file(case) if case.label else {}
    return TargetCase(
        tuple(image.absolute() for image in case.images),
        case.label.absolute() if case.label else None,
        case.role,
        labels,
        called=case.name,
        not_annotated=tuple(found.labels[value] for value in case.not_annotated),
        annotated_slices=case.annotated_slices.text if case.annotated_slices else "",
        regions=named_regions(found.regions, found.labels) if case.label else {},
    )


def _image_role(key: str) -> str:
    return f"case{key}.image"


def _segmentation_role(key: str) -> str:
    return f"case{key}.segmentation"
