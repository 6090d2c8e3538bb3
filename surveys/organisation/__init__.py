"""The organisation, its units and its touchpoints."""
