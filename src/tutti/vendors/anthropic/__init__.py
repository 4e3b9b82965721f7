"""Claude's Messages API, of Anthropic and of those who speak it too."""
