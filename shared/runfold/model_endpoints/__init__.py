"""Model servers as any service asks them: endpoints, requests, failures, vectors, scores."""
