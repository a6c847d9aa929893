"""The recipe that is used where none is named: what did best here with 2 to 40 cases."""

from __future__ import annotations

from TransferSegLib.training.recipes.recipe import NamedRecipe

RECIPE = NamedRecipe("default", "the usual one of this program")
