"""What stands behind the module's widget and logic: the scene, the jobs, and the five sections of the panel.

Nothing here imports torch or MONAI; what the library knows (strategies, cards, checks, jobs) is asked of `TransferSegLib`,
or of one of its commands in a process of its own.
"""
