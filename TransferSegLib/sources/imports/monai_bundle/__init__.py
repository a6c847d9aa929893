"""MONAI bundles as source models: their configuration is read as data and never run."""
