"""From a prepared case to a segmentation: windows, and the way back to the case's own grid."""
