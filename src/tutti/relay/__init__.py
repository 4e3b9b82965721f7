"""Immediate work: a call is held for, sent to a channel, told as the reply comes, and settled."""
