"""References, templates, conditions and types: how values reach a node."""
