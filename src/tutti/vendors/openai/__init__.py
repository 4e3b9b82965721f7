"""Chat completions, of OpenAI and of the many who speak them too."""
