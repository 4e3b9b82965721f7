"""The commands of `tutti`, one file per group."""
