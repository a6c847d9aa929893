"""The parser of the command line: argparse, with errors of our own."""

from __future__ import annotations

import argparse
import difflib
import itertools
from typing import Any, NoReturn

from TransferSegLib.core.errors import InputError


class Parser(argparse.ArgumentParser):
    """argparse whose errors are an `InputError`; an unknown option is named, with a known one that looks like it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, **named})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the arguments, as argparse does.

        Raises:
            InputError: An option is not known, or something else is wrong with the command.
        """
        if self._subparsers is None:  # else what follows is a command's
            for word in itertools.takewhile(lambda word: word != "--", args or ()):
                name = word.partition("=")[0]
                if name.startswith("--") and name not in self._option_string_actions:
                    near = difflib.get_close_matches(name, self._option_string_actions, n=1)
                    self.error(f"{name}: no such option{f', {near[0]} is near' if near else ''}")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Refuse a command line; argparse calls this with what it found.

        Raises:
            InputError: Always.
        """
        raise InputError("command-line", "{found}; see `{help}`.", found=message, help=f"{self.prog} --help")
