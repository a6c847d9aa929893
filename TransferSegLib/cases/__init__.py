"""What the user brings: data sets and the volumes in them, read, checked and prepared. Knows no model."""
