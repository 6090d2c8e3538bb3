"""Metrics of this process, in the words of Prometheus."""

from prometheus_client import Counter, Histogram, disable_created_metrics

# They would tell to the millisecond when the first answer came after a start.
disable_created_metrics()  # type: ignore[no-untyped-call]

REQUESTS = Counter("soundings_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "soundings_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ("route",),
    buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60),
)
BATCH = Histogram(
    "soundings_intake_batch_size",
    "Answers and batches stored in one commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)
RECORDED = Counter("soundings_answers_recorded_total", "Answers stored for the first time.", ("path",))
