"""Messages in the Claude wire."""
