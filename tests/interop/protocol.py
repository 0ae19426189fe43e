"""What both parts of the judge take from the protocol (README.md)."""


def plaintext(length):
    return bytes((31 * at + length) % 256 for at in range(length))


def flip_positions(data):
    """Where bits are flipped: everywhere in the first bytes, where the formats have their headers, and at samples after them."""
    return [at for at in range(len(data)) if at < 1024 or at % 101 == 0]


def flips_at(reported, data, what):
    """The reported outcomes with the position of the flipped bit, if there is one for each."""
    positions = flip_positions(data)
    return [(positions[number], outcome) for number, outcome in numbered(reported, positions, what)]


def numbered(reported, over, what):
    """The reported outcomes with their numbers, if there is one for each; else they count as wrong together."""
    if len(reported) == len(over):
        return enumerate(reported)
    raise ValueError(f"{what}: {len(reported)} outcomes instead of {len(over)}")
