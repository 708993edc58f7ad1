"""runfold: durable AI workflows as event-sourced runs over NATS JetStream."""

__version__ = "0.1.0"
