"""Figures that anyone can rerun: `script/bench NAME`."""
