"""Models of other programs as source models: one module a kind, and one line here.

A module in `IMPORTERS` has a constant `IMPORTER`, an `importer.Importer`: how a model of its kind is recognised, and how it
is read. The first module that recognises a model reads it.
"""

from __future__ import annotations

IMPORTERS: tuple[str, ...] = (
    "TransferSegLib.sources.imports.monai_bundle.bundle",
    "TransferSegLib.sources.imports.nnunet",
    "TransferSegLib.sources.imports.auto3dseg",
    "TransferSegLib.sources.imports.ctfm",
    "TransferSegLib.sources.imports.checkpoint",
    "TransferSegLib.sources.imports.torchvision_resnet",
    "TransferSegLib.sources.imports.encoders",
)
