"""`make bench`: every ratio, measured side by side in one run on both databases."""

import sys

from benchmarks import answers, composing, exports, issuing, reports, start, sweeping, ways


def main() -> int:
    """Run them all; each prints what it compares, its ratio and the bound. 1 where one is missed."""
    missed = 0
    for part in (start, answers, issuing, reports, exports, sweeping, ways, composing):
        print(f"== {part.__doc__}", flush=True)
        missed |= part.main()
    return missed


if __name__ == "__main__":
    sys.exit(main())
