"""Chats in the Responses wire of OpenAI, and the responses that are kept for later."""
