"""Decides which scheduler owns which partition, and proves that the lease still holds."""
