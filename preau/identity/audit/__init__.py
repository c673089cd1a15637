"""What happened, by whom, on whom. Append-only, sealed in chained batches."""
