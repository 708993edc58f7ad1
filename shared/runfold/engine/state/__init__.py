"""What a run is at one point of its log: frozen structs, and questions about them."""
