"""Whether an answer says only what its contexts and the conversation say, without a model."""
