"""Google Vertex AI: what differs from Gemini's own API is how a request proves whose it is."""
