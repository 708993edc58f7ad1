"""`runfold torture`: everything is killed at random under load; then every run is checked."""
