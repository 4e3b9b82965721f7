"""Songs and words behind submit and fetch, in the Suno wire."""
