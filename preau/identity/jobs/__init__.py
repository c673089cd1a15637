"""Long work: progress, heartbeat, and what takes it up again when a worker dies."""
