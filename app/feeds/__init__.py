"""What BI tools read: lists and exports as JSON, CSV and Parquet."""
