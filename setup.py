"""What pyproject.toml cannot say: `Resources`, beside the library in a clone, is installed inside it as `resources`."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["TransferSegLib*"]), "TransferSegLib.resources"],
    package_dir={"TransferSegLib.resources": "Resources"},
)
