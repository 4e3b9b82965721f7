"""A small, honest upstream: a real server that speaks the wires of vendors, for tests and benchmarks alone.

`python -m tests.upstream --port 0` prints its address as one line of JSON. It shares nothing with Tutti's converters: a
request that its wire would not take is answered with 400, so that a wrong conversion fails loudly. What it answers
follows from the request alone (`mind.py`), so that two runs are alike.

One file per wire; to add one, write its `wire()` and name it in `wires.py`. Field names that begin with "x_" are taken
by every wire, whatever they hold: they stand for what a vendor adds tomorrow.

    GET  /_seen    every request since the start or the last reset: method, path, query, headers, body
    POST /_reset   forget requests, faults, stored objects and jobs
    POST /_faults  a list of faults, see `faults.py`
"""
