"""The architectures, each seen as a staged network.

`build` stays importable from here: MONAI bundles that were exported name it as `TransferSegLib.networks.build`.
"""

from TransferSegLib.networks.registry import NETWORKS, NNUNET_PACKAGE, build, list_arguments, own_packages

__all__ = ["NETWORKS", "NNUNET_PACKAGE", "build", "list_arguments", "own_packages"]
