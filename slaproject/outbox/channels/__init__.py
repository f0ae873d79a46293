"""The ways out: each takes the words of a message and an address, and returns once the other side has taken them."""
