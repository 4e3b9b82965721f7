"""What can go wrong with an exchange; whoever sent the request says what that means."""


class Http1Error(Exception):
    """An exchange that failed."""


class BadRequestError(Http1Error):
    """The address or a header cannot be sent."""


class NotConnectedError(Http1Error):
    """Nobody took the request: it may be sent elsewhere at no risk."""


class ReplyLostError(Http1Error):
    """The request may have been taken, but its reply did not come, not to its end, or was none."""
