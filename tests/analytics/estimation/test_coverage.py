"""The promises of the statistics, at a fiftieth of the simulation that `make coverage` runs."""

from benchmarks import coverage


def test_every_promise_is_kept_within_the_chance_of_a_small_simulation() -> None:
    found = list(coverage.findings(share=0.02))
    assert [one for one in found if not one.kept(slack=4)] == []
    assert {one.promise for one in found} >= {"interval covers", "watch, false alarm", "chart, power"}


def test_a_promise_that_is_broken_is_seen() -> None:
    assert not coverage.Finding("false alarm", "", 0.09, 2_000, most=0.05).kept(slack=4)
    assert coverage.Finding("false alarm", "", 0.052, 2_000, most=0.05).kept(slack=4)
    assert not coverage.Finding("covers", "", 0.93, 10, least=0.935).kept()
