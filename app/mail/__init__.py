"""Mail: composed here, handed over by a transport."""
