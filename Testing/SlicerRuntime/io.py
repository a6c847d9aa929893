"""`slicer.app.coreIOManager()`: reading and writing of nodes and scenes, by Slicer's own logics and storage nodes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import slicer

_WRITERS = (
    ("vtkMRMLSegmentationNode", "SegmentationFile"),
    ("vtkMRMLVolumeNode", "VolumeFile"),
    ("vtkMRMLTransformNode", "TransformFile"),
    ("vtkMRMLColorTableNode", "ColorTableFile"),
    ("vtkMRMLTableNode", "TableFile"),
    ("vtkMRMLModelNode", "ModelFile"),
    ("vtkMRMLTextNode", "TextFile"),
)


class CoreIOManager:
    def fileType(self, path: str) -> str:
        name = Path(path).name.lower()
        if name.endswith((".mrml", ".mrb")):
            return "SceneFile"
        if ".seg." in name:
            return "SegmentationFile"
        if name.endswith((".h5", ".tfm", ".mat")):
            return "TransformFile"
        if name.endswith((".ctbl", ".cxml")):
            return "ColorTableFile"
        if name.endswith((".csv", ".tsv")):
            return "TableFile"
        return "VolumeFile"

    def fileWriterFileType(self, node: Any) -> str:
        return next((kind for name, kind in _WRITERS if node.IsA(name)), "NoFile")

    def loadNodes(self, kind: str, properties: dict[str, Any], loaded: Any, messages: Any = None) -> bool:
        path = str(properties["fileName"])
        if not Path(path).exists():
            return False
        read = getattr(self, f"_load_{kind}", None)
        if read is None:
            raise NotImplementedError(f"the runtime reads no {kind}")
        node = read(path, properties)
        if isinstance(node, slicer.vtkMRMLNode):
            if loaded is not None:
                loaded.AddItem(node)
            return True
        return bool(node)

    def loadScene(self, path: str, clear: bool = True) -> bool:
        return self._load_SceneFile(str(path), {"clear": clear})

    def _load_VolumeFile(self, path: str, properties: dict[str, Any]) -> Any:
        flags = 1 * bool(properties.get("labelmap")) + 2 * bool(properties.get("center"))
        flags += 4 * bool(properties.get("singleFile")) + 8 * bool(properties.get("autoWindowLevel", True))
        name = properties.get("name") or _stem(path)
        node = slicer.modules.volumes.logic().AddArchetypeVolume(path, name, flags)
        if node and properties.get("show", True) and not properties.get("labelmap"):
            logic = slicer.app.applicationLogic()
            logic.GetSelectionNode().SetActiveVolumeID(node.GetID())
            logic.PropagateVolumeSelection()
        return node

    def _load_SegmentationFile(self, path: str, properties: dict[str, Any]) -> Any:
        logic = slicer.modules.segmentations.logic()
        opacities = properties.get("autoOpacities", True)
        return logic.LoadSegmentationFromFile(path, opacities, properties.get("name", ""))

    def _load_TransformFile(self, path: str, properties: dict[str, Any]) -> Any:
        return slicer.modules.transforms.logic().AddTransform(path, slicer.mrmlScene)

    def _load_ColorTableFile(self, path: str, properties: dict[str, Any]) -> Any:
        return slicer.modules.colors.logic().LoadColorFile(path, properties.get("name") or _stem(path))

    def _load_TableFile(self, path: str, properties: dict[str, Any]) -> Any:
        return slicer.modules.tables.logic().AddTable(path, properties.get("name") or _stem(path))

    def _load_SceneFile(self, path: str, properties: dict[str, Any]) -> bool:
        scene = slicer.mrmlScene
        clear = properties.get("clear", True)
        if path.lower().endswith(".mrb"):
            folder = tempfile.mkdtemp(dir=slicer.app.temporaryPath)
            path = slicer.app.applicationLogic().UnpackSlicerDataBundle(path, folder)
        scene.SetURL(path)
        return bool(scene.Connect() if clear else scene.Import())

    def saveNodes(self, kind: str, properties: dict[str, Any], messages: Any = None) -> bool:
        path = str(properties["fileName"])
        if kind == "SceneFile":
            return self._save_scene(path)
        node = slicer.mrmlScene.GetNodeByID(properties["nodeID"])
        if node.GetStorageNode() is None and not node.AddDefaultStorageNode():
            return False
        storage = node.GetStorageNode()
        storage.SetFileName(path)
        if "useCompression" in properties:
            storage.SetUseCompression(properties["useCompression"])
        return bool(storage.WriteData(node))

    def saveScene(self, path: str, thumbnail: Any = None) -> bool:
        return self._save_scene(str(path))

    def _save_scene(self, path: str) -> bool:
        scene = slicer.mrmlScene
        if path.lower().endswith(".mrb"):
            return bool(scene.WriteToMRB(path))
        target = Path(path)
        if target.suffix.lower() != ".mrml":
            return bool(slicer.app.applicationLogic().SaveSceneToSlicerDataBundleDirectory(path, None))
        scene.SetRootDirectory(str(target.parent))
        scene.SetURL(path)
        return bool(scene.Commit(path))


def _stem(path: str) -> str:
    name = Path(path).name
    for suffix in (".seg.nrrd", ".seg.nhdr", ".nii.gz", ".seg.vtm"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return Path(path).stem
