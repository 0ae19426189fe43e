"""What both parts of the judge take from the protocol (README.md)."""


def plaintext(length):
    return bytes((31 * at + length) % 256 for at in range(length))


def numbered(reported, over, what):
    """The reported outcomes with their numbers, if there is one for each; else they count as wrong together."""
    if len(reported) == len(over):
        return enumerate(reported)
    raise ValueError(f"{what}: {len(reported)} outcomes instead of {len(over)}")
