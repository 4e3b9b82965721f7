"""Chats in the Gemini wire, as the Google Gen AI SDK speaks it."""
