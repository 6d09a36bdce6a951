"""From a record as it was logged to an exchange of a session, or to the reason why it is none."""
