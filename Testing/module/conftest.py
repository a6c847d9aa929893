"""The panel as a person has it."""

from panel_fixtures import *  # noqa: F403
