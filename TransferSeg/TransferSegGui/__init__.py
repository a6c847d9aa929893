"""The parts of the module behind its widget and logic: the scene, the jobs, and the sections of the panel.

Nothing here imports torch or MONAI. What the library knows (strategies, cards, checks, jobs) is asked of `TransferSegLib`, or
of one of its commands in another process.
"""
