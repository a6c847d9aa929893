"""How good segmentations are: metrics, statistics, the verdict, figures and the report."""
