"""The errors that a person reads: each is a `Problem`, and its text says what was found, where, and what to do."""

from __future__ import annotations

from typing import Any, Self

from TransferSegLib.core.problems import Problem


class TransferSegError(Exception):
    """An error whose text is meant for the person.

    Attributes:
        problem: The error as data: its code, its template and what that names.
        exit_code: The exit code of the command line.

    Example:
        >>> raise InputError("no-such-file", "{path}: no such file; check the path.", path=path)
    """

    exit_code = 3

    def __init__(self, code: str, template: str, advice: str = "", /, **fields: Any) -> None:
        """Make the error.

        Args:
            code: What kind of problem it is; one code has one template everywhere.
            template: The sentence, see `Problem`: what was found, where, and what to do.
            advice: The template of what to do, without a full stop, where `template` does not say it.
            fields: What the templates name.
        """
        self.problem = Problem(code, template, fields, advice_template=advice)
        super().__init__(self.problem)

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Make the error that says a problem's sentence."""
        error = cls.__new__(cls)
        Exception.__init__(error, problem)
        error.problem = problem
        return error

    @property
    def code(self) -> str:
        """What kind of problem it is."""
        return self.problem.code

    def __str__(self) -> str:
        return self.problem.sentence


class InputError(TransferSegError):
    """The input or the command is wrong; nothing was started, nothing already computed is lost."""

    exit_code = 2


class JobError(TransferSegError):
    """A job failed while it ran; it can be resumed once the cause is gone."""

    exit_code = 3


class NotFinite(TransferSegError, FloatingPointError):
    """A network, its training or its gradients gave numbers that are infinite or not a number.

    Whoever catches it adds what to do: a lower learning rate, another precision, another model.
    """


class Cancelled(TransferSegError):
    """The job was asked to stop and did so in good order."""

    exit_code = 4
