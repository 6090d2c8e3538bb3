"""From a query to the items that API, pages, feeds and terminal show."""
