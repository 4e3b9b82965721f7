"""HTTP/1.1 towards upstreams, on the event loop itself: `Http1Client` sends, a `Reply` is read as it comes.

Libraries that do their work in a thread of their own wake ours for every reply, and a busy loop pays for that with more
than all that it does for a call: see docs/decisions/0026. Bytes are taken apart by the parser that our own server uses.
"""
