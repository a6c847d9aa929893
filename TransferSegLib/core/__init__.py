"""What all other rooms use: grids, cases, labels, model cards, problems, records files. No torch, no reading of images."""
