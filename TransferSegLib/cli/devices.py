"""`transferseg devices`: list what networks can run on in this computer."""

from __future__ import annotations

import argparse
import json

from TransferSegLib.core.records import to_json

EXAMPLES = """\
examples:
  transferseg devices
  transferseg devices --json
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command `devices`."""
    parser = commands.add_parser(
        "devices",
        help="list what --device can choose",
        description="List the devices of this computer; `--device auto` takes the first one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.set_defaults(run=devices)


def devices(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from TransferSegLib.networks.devices import list_devices

    found = list_devices()
    if arguments.json:
        print(json.dumps(to_json(found), ensure_ascii=False))
        return 0
    for device in found:
        memory = "" if device.memory_gb is None else f", {device.memory_gb:.0f} GB"
        print(f"{device.name:8}{device.title}{memory}")
    return 0
