"""Songs, sung and produced on a plain CPU: a neural voice driven by the score over a band composed for the words."""
