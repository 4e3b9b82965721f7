"""The karaoke film: the cover as backdrop, the sung line swept with colour, bars that move with the sound."""
