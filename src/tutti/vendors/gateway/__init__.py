"""Another gateway of the New-API family, or any upstream that speaks its task wires: work goes there as it came.

`suno.py` is the door for Suno tasks, `lanes.py` the door to all channels of this kind. `requests.py` and `answers.py`
convert, `refs.py` says where work lies, `files.py` fetches what was made.
"""
