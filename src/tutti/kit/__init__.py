"""Small tools that know nothing of our subject, named for what they hold."""
