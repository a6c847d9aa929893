"""The tests' warm Python serves on, whatever becomes of a launcher."""

from __future__ import annotations

import array
import os
import socket
import subprocess

import pytest
from warm_python import warm_python


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_launcher_that_is_killed_before_it_has_asked_leaves_the_others_served():
    launcher = warm_python().launcher
    for begun in (False, True):  # before it said anything, and before it said all
        with socket.socket(socket.AF_UNIX) as killed:
            killed.connect(str(launcher.parent / "socket"))
            if begun:
                handed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
                killed.sendmsg([(100).to_bytes(4, "big")], handed)
    found = subprocess.run([launcher, "-m", "platform"], capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 0 and found.stdout.strip()
