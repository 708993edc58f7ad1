"""A run as people and clients read it. Built from the state; decides nothing."""
