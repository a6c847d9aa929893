"""Studies: a grid of jobs, run and resumed as one, and what is read off their scores."""
