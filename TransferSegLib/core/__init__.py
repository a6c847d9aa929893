"""What all other rooms use: grids, cases, labels, model cards, problems, records and files. No torch and no images."""
