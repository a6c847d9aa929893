"""The panel as a person has it."""

from module.conftest import *  # noqa: F403
