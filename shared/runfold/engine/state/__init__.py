"""What a run is at one point of its log. Frozen structs and questions about them."""
