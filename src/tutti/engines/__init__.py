"""What is computed here, one folder an engine; no engine knows another, they meet in `tutti.intents`."""
