"""Adapt a pretrained segmentation model to your own scans, and see whether it got better."""

__version__ = "0.2.0"
