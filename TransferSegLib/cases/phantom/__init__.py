"""A digital phantom of the head: anatomy that varies with a seed, its exact labels, and its T1w, T2w or CT image."""

from __future__ import annotations

from TransferSegLib.cases.phantom.anatomy import Anatomy, Tissue, head_phantom
from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.phantom.imaging import PhantomModality, image

__all__ = ["Anatomy", "PhantomModality", "Tissue", "head_phantom", "image", "write_phantoms"]
