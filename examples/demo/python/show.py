"""How the demo prints."""

import time


class Stopwatch:
    """Milliseconds since it was last asked."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.since = time.perf_counter()

    def lap(self) -> float:
        now = time.perf_counter()
        lap, self.since = 1000 * (now - self.since), now
        return lap


def milliseconds(value: float) -> str:
    return f"{value:,.2f} ms" if value < 10 else f"{value:,.0f} ms"


def say(what: str, watch: Stopwatch) -> None:
    print(f"   {what:<62}{milliseconds(watch.lap()):>12}", flush=True)
    watch.restart()
