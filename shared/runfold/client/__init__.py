"""Programs that start and watch runs."""
