"""What every route of the API has in common: session, caller, lists, repeats, parameters."""
