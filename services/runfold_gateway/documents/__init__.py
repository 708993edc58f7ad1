"""What the API answers with, as structs: one module a topic."""
