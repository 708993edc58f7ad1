"""What every service process shares: life cycle, health probes, logs, its AsyncAPI page."""
