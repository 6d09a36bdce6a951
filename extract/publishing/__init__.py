"""What a run leaves in storage: the dataset, what stands beside it, and how far the logs were read."""
