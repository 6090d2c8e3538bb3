"""Examples of the figures that reports answer, for the OpenAPI document: by group of the registry of metrics."""

from analytics.reports.metrics import Item

EXAMPLES: dict[str, Item] = {
    "Estimate": {
        "nps": 15.0, "low": 3.89, "high": 25.66, "confidence": 0.95, "responses": 200, "promoters": 80, "passives": 70,
        "detractors": 50, "indicative": False, "suppressed": False, "at_least_percent": None,
    },
    "Turnout": {"invited": 520, "undelivered": 9, "response_rate_percent": 36.54},
    "Change": {
        "change": 35.0, "low": 16.2, "high": 52.9, "p_value": 0.000331, "q_value": 0.000662, "straying": 3.1,
        "straying_assumed": False, "verdict": "up",
    },
    "Watch": {"low_always": 3.1, "high_always": 66.9, "p_value_always": 0.011204, "q_value_always": 0.022408},
    "Trend": {"level": 13.2, "level_low": 6.1, "level_high": 20.3, "signal": None},
    "Slope": {
        "slope": 0.9, "slope_low": 0.2, "slope_high": 1.6, "p_value": 0.012101, "q_value": 0.024202, "verdict": "up",
    },
    "Weighted": {"nps": 12.4, "low": 0.6, "high": 24.0, "effective_responses": 181.3, "design_effect": 1.1},
    "Distribution": {
        "responses": 200, "suppressed": False, "at_least_percent": None, "without_scores": False, "promoters": 80,
        "passives": 70, "detractors": 50,
        "counts": {
            "0": 6, "1": 2, "2": 4, "3": 6, "4": 5, "5": 15, "6": 12, "7": 28, "8": 42, "9": 44, "10": 36,
        },
    },
    "Representation": {
        "invited": 520, "undelivered": 9, "answered": 190, "response_rate_percent": 36.54,
        "share_of_invited_percent": 52.0, "share_of_answered_percent": 47.5,
    },
    "Effect": {
        "effect": 30.0, "low": 4.8, "high": 55.2, "confidence": 0.95, "p_value": 0.019607, "phi": 1.0,
        "periods_before": 10, "periods_after": 10, "n": 200, "n_comparison": 200, "autocorrelation": -0.12,
        "verdict": "up",
    },
    "Driver": {
        "question": "ease", "text": "How easy was it?", "n": 412, "mean": 3.87, "correlation": 0.52, "low": 0.446,
        "high": 0.587, "importance_percent": 61.2, "importance_low": 52.3, "importance_high": 70.1, "rank": 1,
    },
    "Word": {
        "language": "en", "side": "detractors", "term": "waiting", "detractors": 41, "promoters": 3, "comments": 47,
        "log_odds": 1.84, "z": 4.02, "q_value": 0.003411, "examples": ["Forty minutes of waiting."],
    },
}  # fmt: skip
