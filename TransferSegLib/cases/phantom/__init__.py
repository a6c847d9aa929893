"""A digital head: anatomy that varies from seed to seed, with exact labels, imaged as T1-w, T2-w or CT."""

from __future__ import annotations

from TransferSegLib.cases.phantom.anatomy import Anatomy, Tissue, head_phantom
from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.phantom.imaging import PhantomModality, image

__all__ = ["Anatomy", "PhantomModality", "Tissue", "head_phantom", "image", "write_phantoms"]
