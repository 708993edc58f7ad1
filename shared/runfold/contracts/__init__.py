"""What crosses process borders: events, requests, tasks, subjects and their codec. msgspec only."""
