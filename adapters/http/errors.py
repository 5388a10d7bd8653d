"""What can go wrong on the way out, named by what the other side may have seen."""


class UnfitHeaderError(ValueError):
    """Say that a header cannot be sent as it is; our mistake, or that of whoever stored its value."""


class OutboundError(Exception):
    """Say what failed by method, host and path template; never by query, header, body or id."""


class NotSent(OutboundError):  # noqa: N818  the name says what is known, and reads well in `except NotSent`
    """Say that the other side saw no request: sending it again is harmless."""


class TooLate(OutboundError):  # noqa: N818  as above
    """Say that nothing was sent: whoever began it may not write any more. The other side is not to blame."""


class NoReply(OutboundError):  # noqa: N818  as above
    """Say that the request left and no whole answer came back: the other side may have acted on it."""


class TooLarge(OutboundError):  # noqa: N818  as above
    """Say that the answer is bigger than we accept. The other side may have acted on the request."""


class ForbiddenAddress(OutboundError):  # noqa: N818  as above
    """Say that the policy does not allow this address, port or scheme. Nothing was sent."""
