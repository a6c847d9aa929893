"""The loop of a person and a model: try, annotate, adapt, correct, again, in one folder.

`init_loop` makes it, `next_cases` says what to annotate, `accept` takes an annotation, `begin_round` makes the job of the
next round, and `loop_status` says how good it is by now. docs/loop.md teaches it from the command line.
"""
