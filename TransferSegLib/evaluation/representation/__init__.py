"""What networks represent, and what training changes about it (Karimi 2021 §2.3, §3.6 and §3.7).

Plain inputs (networks, weights by name, arrays), frozen results. The figures are in `evaluation/figures`.
"""
