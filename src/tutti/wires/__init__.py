"""The message forms of each wire, used towards callers and towards upstreams."""
