"""What customers' systems are told of: events, to whom, and how each delivery went."""
