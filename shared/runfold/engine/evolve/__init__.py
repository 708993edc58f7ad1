"""The next state from a state and one recorded event. Total, and decides nothing."""
