"""The face of Soundings: API, pages, feeds, mail, worker and command line."""

VERSION = "0.1.0"
