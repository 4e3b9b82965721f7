"""The Gemini wire as upstreams speak it."""
