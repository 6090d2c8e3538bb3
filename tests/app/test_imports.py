"""What the service loads when it starts."""

import subprocess
import sys

HEAVY = ("pandas", "numpy", "plotly", "scipy", "pyarrow", "statsmodels", "ruptures")


def test_starting_the_service_loads_no_data_frames() -> None:
    """They take a second and a hundred megabytes, and the survey page needs none of them."""
    program = f"import sys, app.main; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
