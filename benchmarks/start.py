"""Starts `soundings --help`, and a bare Python that imports typer, side by side: seconds of CPU."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

TARGET = 10.0
ROUNDS = 7
SOUNDINGS = Path(sys.executable).parent / "soundings"
BARE = (sys.executable, "-c", "import typer")
COMMANDS = (("--help",), ("--version",), ("invite", "--help"))


def main() -> int:
    """Print the ratio of each command to the bare start; 1 where one is above the bound."""
    missed = 0
    for command in COMMANDS:
        rounds = [(seconds(BARE), seconds((str(SOUNDINGS), *command))) for _ in range(ROUNDS)]
        bare, own = (statistics.median(times) for times in zip(*rounds, strict=True))
        print(f"soundings {' '.join(command)}: bare {bare:.3f} s, own {own:.3f} s, "
              f"ratio {own / bare:.1f} (wanted {TARGET:g} at most)", flush=True)  # fmt: skip
        missed |= own > TARGET * bare
    return missed


def seconds(command: tuple[str, ...]) -> float:
    """Seconds of CPU, in user and system, of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
