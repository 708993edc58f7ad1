"""The bus on NATS JetStream. The ports say what it does; only this package imports nats."""
