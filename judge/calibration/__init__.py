"""How far the judge can be trusted: from people's labels to a judge card, and from a card to the gate's decision."""
