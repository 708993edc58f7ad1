"""The `runfold` command."""
