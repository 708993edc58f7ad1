"""The fold: the next state from a state and one event. Pure and total; decides nothing."""
