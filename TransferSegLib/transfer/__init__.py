"""How knowledge is carried over: strategies, the transfer plan, and matching of labels and channels."""
