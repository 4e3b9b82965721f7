"""What a caller may ask about their own key and account."""
