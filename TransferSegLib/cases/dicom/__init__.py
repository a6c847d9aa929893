"""DICOM series: the slices of a folder as one volume."""

from TransferSegLib.cases.dicom.series import read, read_grid

__all__ = ["read", "read_grid"]
