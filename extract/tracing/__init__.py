"""What tracers are made of: invented people, places and numbers, and the sentences that carry them."""
