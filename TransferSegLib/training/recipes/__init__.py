"""Recipes: how the papers train, as data. A new one is a file with a `RECIPE`, and its line in `RECIPES`.

A recipe's fields are declared in `recipe`. `training.options` takes the values of the recipe that a job names, and on top of
them what a person has changed.
"""

from __future__ import annotations

from collections.abc import Mapping

from TransferSegLib.training.recipes import (
    default,
    hossain2023,
    karimi2021,
    mecheter2020,
    mecheter2023,
    zoetmulder2022,
)
from TransferSegLib.training.recipes.recipe import NamedRecipe, Recipe, Statement

__all__ = ["RECIPES", "NamedRecipe", "Recipe", "Statement"]

# In the order that is shown.
RECIPES: Mapping[str, NamedRecipe] = {
    module.RECIPE.name: module.RECIPE
    for module in (default, mecheter2023, mecheter2020, zoetmulder2022, hossain2023, karimi2021)
}
