"""`make bench`: every ratio, measured side by side in one run on both databases."""

from benchmarks import answers, exports, issuing, reports


def main() -> None:
    """Run all four; each prints what it compares, its ratio and the bound."""
    for part in (answers, issuing, reports, exports):
        print(f"== {part.__doc__}", flush=True)
        part.main()


if __name__ == "__main__":
    main()
