"""Chat completions in the OpenAI wire; durable work asked for by chat is told by presenters of other families."""
