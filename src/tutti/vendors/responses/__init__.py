"""The Responses wire of OpenAI as upstreams speak it."""
