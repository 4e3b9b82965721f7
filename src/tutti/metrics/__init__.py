"""What a server tells Prometheus of itself: counted as it happens, looked up when it is asked."""
