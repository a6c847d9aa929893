"""What all rooms speak: grids, cases, labels, model cards, problems, records and files. Without torch, and without images."""
