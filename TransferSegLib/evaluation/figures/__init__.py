"""The figures: a function each, data in and a matplotlib figure out; `style` says how they look and are written."""
