"""The guard at the door: which requests reach the routes at all. Nothing here knows a route."""
