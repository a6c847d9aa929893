"""A `PythonSlicer` that begins with its libraries imported, so that a test waits for what a command does.

To import torch and MONAI takes a command some seconds, and the panel's tests run hundreds of commands. Here one process
imports them, and each command is a fork of it. As with Slicer's launcher, the command is another process than the launcher,
which hands the exit code on; where the launcher is killed, the command is, too.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import functools
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# What commands import, and what PyTorch imports itself with the first optimiser.
LIBRARIES = ("torch", "monai", "torch._dynamo", "TransferSegLib.cli", "TransferSegLib.jobs.worker")
LOOK_EVERY_S = 0.02


class WarmPython:
    """The process that commands are forked from, and the launcher that asks it for one.

    Attributes:
        launcher: The program to call in place of `PythonSlicer`.
    """

    def __init__(self, folder: Path) -> None:
        """Begin to import; `folder` is new, and its path is short, as those of sockets must be."""
        address = folder / "socket"
        self.launcher = folder / "PythonSlicer"
        # Without site-packages and the person's settings: it only hands on what it is given.
        self.launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "{address}" "$@"\n')
        self.launcher.chmod(self.launcher.stat().st_mode | stat.S_IXUSR)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(address))
        listener.listen(16)
        with listener:
            # It ends when its input does, also where this process is killed.
            self._process = subprocess.Popen(
                [sys.executable, __file__, "--serve", str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"},
                cwd=REPOSITORY,
            )

    def end(self) -> None:
        """End the process; commands that run go on."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@functools.cache
def warm_python() -> WarmPython:
    """The one of this process, begun when it is first asked for; it has imported its libraries."""
    folder = tempfile.TemporaryDirectory(prefix="warm-")
    python = WarmPython(Path(folder.name))
    atexit.register(folder.cleanup)
    atexit.register(python.end)  # which comes first
    # On a busy computer that takes longer than a test waits for what is begun by a click.
    subprocess.run([python.launcher, "-m", "platform"], stdout=subprocess.DEVNULL, check=True)
    return python


def ask(address: str, arguments: list[str]) -> int:
    """Have a command run with this process's input, output, folder and environment; its exit code."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        what = json.dumps({"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}).encode()
        handed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
        server.sendmsg([len(what).to_bytes(4, "big")], handed)
        server.sendall(what)
        code = server.recv(4)
    return int.from_bytes(code, "big") if code else 1


def serve(listener: socket.socket) -> None:
    """Import the libraries, and fork for each that asks until the input ends."""
    import importlib

    do_not_wait_for_the_disk()
    for name in LIBRARIES:
        importlib.import_module(name)
    leave_out_files_of_figures()
    threading.Thread(target=_end_with_input, daemon=True).start()
    while True:
        asking, _ = listener.accept()
        said, handed, _, _ = asking.recvmsg(4, socket.CMSG_SPACE(3 * array.array("i").itemsize))
        streams = array.array("i", handed[0][2] if handed else b"")
        text = _read(asking, int.from_bytes(said, "big"))
        if text is None or not streams:  # a launcher that was killed before it had asked for anything
            asking.close()
            for stream in streams:
                os.close(stream)
            continue
        what = json.loads(text)
        pid = os.fork()
        if not pid:
            listener.close()
            asking.close()
            _run(what, list(streams))
        for stream in streams:
            os.close(stream)
        threading.Thread(target=_wait, args=(pid, asking), daemon=True).start()


def do_not_wait_for_the_disk() -> None:
    """From now on a file counts as synced to disk at once: what a test writes need not outlast a power cut.

    A job writes some hundred files, and each takes a disk milliseconds.
    """
    os.fsync = lambda descriptor: None


def leave_out_files_of_figures() -> None:
    """From now on the figures of a job's report are in its page alone, if reports are imported already.

    Their files beside it take as long as the page, and few tests look at them.
    """
    if (report := sys.modules.get("TransferSegLib.evaluation.report")) is not None:
        report.write_figure = lambda figure, folder, name: None  # type: ignore[attr-defined]


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _read(asking: socket.socket, size: int) -> bytes | None:
    """So many bytes; None where the launcher is gone before."""
    found = b""
    while len(found) < size:
        try:
            more = asking.recv(size - len(found))
        except ConnectionError:
            return None
        if not more:
            return None
        found += more
    return found


def _wait(pid: int, asking: socket.socket) -> None:
    """Hand the exit code of a command on; kill it where the launcher was killed."""
    with asking:
        asking.setblocking(False)
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                with contextlib.suppress(OSError):
                    asking.setblocking(True)
                    asking.sendall((code if code >= 0 else 128 - code).to_bytes(4, "big"))
                return
            with contextlib.suppress(BlockingIOError, ConnectionError):
                if not asking.recv(1):
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(pid, 9)
            time.sleep(LOOK_EVERY_S)


def _run(what: dict, streams: list[int]) -> None:
    """Be the command."""
    import runpy
    import signal
    import traceback

    atexit._clear()
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(what["environment"])
    os.chdir(what["folder"])
    tempfile.tempdir = None
    code: object = 0
    option, name, *arguments = what["arguments"]
    sys.argv = [name, *arguments]
    try:
        if option == "-m":
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        else:
            raise SystemExit(f"only -m is known here, not {option}")
    except SystemExit as end:
        code = end.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(socket.socket(fileno=int(sys.argv[2])))
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
