"""Mail: composing, handing over, and what comes back."""
