"""The errors that a person reads: one sentence that says what was found, where, and what to do."""

from __future__ import annotations

from TransferSegLib.texts import one_line

# Whoever reads one longer than this does not read it; what is quoted in it may have any length.
LONGEST = 1000


class TransferSegError(Exception):
    """Base of the errors whose text is meant for the person; `exit_code` is the command line's."""

    exit_code = 3

    def __str__(self) -> str:
        # Names, labels and paths that other people chose are quoted in it: nothing in them moves a terminal's cursor.
        text = one_line(super().__str__())
        return text if len(text) <= LONGEST else f"{text[: LONGEST * 3 // 4]} … {text[-LONGEST // 4 :]}"


class InputError(TransferSegError):
    """The input or the command is wrong; nothing was started, nothing already computed is lost."""

    exit_code = 2


class JobError(TransferSegError):
    """A job failed while it ran; it can be resumed once the cause is gone."""

    exit_code = 3


class Cancelled(TransferSegError):
    """The job was asked to stop and did so in good order."""

    exit_code = 4
