"""What all other rooms use: grids, cases, labels, model cards, problems, records and files. No torch, no reading of images."""
