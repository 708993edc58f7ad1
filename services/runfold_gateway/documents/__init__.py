"""What the gateway answers with, as structs: one module a topic. Nothing here asks the bus."""
