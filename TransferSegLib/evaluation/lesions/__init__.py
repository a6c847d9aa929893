"""Lesion detection (Zoetmulder 2022, §4): how many separate lesions were found, and how many false alarms there are.

`options` says what a lesion is and when it counts as detected, `detection` counts, `summary` adds up over the cases of a
strategy, `tables` writes the counts as CSV.
"""
