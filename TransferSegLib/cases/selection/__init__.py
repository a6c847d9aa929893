"""Choosing which cases to train on: a fixed split, and training sets that grow without losing a case (Hossain 2023, §3.1).

`measures` measures the cases, `drawing` splits them and draws the sets, `tables` writes them as tables that our readers read.
"""
