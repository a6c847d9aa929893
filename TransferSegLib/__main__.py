"""`python -m TransferSegLib` is the command `transferseg`."""

import sys

from TransferSegLib.cli import main

if __name__ == "__main__":
    sys.exit(main())
