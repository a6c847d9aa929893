"""A job: what it is asked to do, its folder, its events, and the worker that runs it."""
