"""Anonymous answers: the urn, its closing, and comparing what waves release."""
