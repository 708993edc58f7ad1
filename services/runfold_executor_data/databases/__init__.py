"""Databases: the nodes `db_*` on the data sources that the operator names."""
