"""An answer comes in: by a link, on an open page, in a batch, from a file."""
