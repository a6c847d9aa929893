"""Reads files that a stranger made; nothing in them is run."""
