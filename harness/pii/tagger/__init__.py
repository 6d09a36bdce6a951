"""The tagger: a small network that finds people and addresses in chat."""
