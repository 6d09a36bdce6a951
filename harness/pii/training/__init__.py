"""Training of the tagger: generated text, labelled sets, the network's gradients, figures. Never needed at run time."""
