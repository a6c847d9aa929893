"""What adaptation starts from: source models, how they come in from elsewhere, and how they go out."""
