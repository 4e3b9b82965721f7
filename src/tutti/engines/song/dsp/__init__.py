"""Signal processing for the song's production: pure functions over float32 audio, (channels, samples), 44,100 Hz.

Filters and shapers that would need whole-song temporaries work through blocks, so that a four-minute song stays cheap
in memory. Nothing here knows of music; what a genre wants is said by those who call.
"""
