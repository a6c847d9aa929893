"""How long the parts of a job take, in seconds, until they were measured: for the first guess of the time left."""

GUESSED_STEP_S = 0.15
SEGMENT_S = 0.3
PREPARE_S = 0.1
TAKE_OVER_S = 0.05
REPORT_S = 3.0
