"""The one database file: who writes it, what is in it, how it is upgraded, saved and checked."""
