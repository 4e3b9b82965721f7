"""Realtime: two-way sessions of speech and text over WebSocket, relayed to upstreams of the same wire."""
