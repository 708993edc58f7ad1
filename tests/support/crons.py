"""Cron expressions that are taken."""

from __future__ import annotations

TAKEN = {
    "0 9 * * 1-5": "0 0 9 * * 1-5",
    "*/10 0 9 * * *": "*/10 0 9 * * *",
    " 5,35  * * JAN mon ": "0 5,35 * * jan mon",
    "@daily": "@daily",
    "@Hourly": "@hourly",
    "@every 1h30m": "@every 1h30m",
    "@every 1.5s": "@every 1.5s",
    "@every 1s": "@every 1s",
    "* * * * 7": "0 * * * * 0",
    "0 0 * * 5-7": "0 0 0 * * 0,5,6",
    "0 0 * * 1-7/2": "0 0 0 * * 0,1,3,5",
    "0 0 29 2 *": "0 0 0 29 2 *",
    "0 0 31 2 mon": "0 0 0 31 2 mon",
    "0 0 31 feb,mar *": "0 0 0 31 feb,mar *",
    "5/15 * * * *": "0 5/15 * * * *",
    "*/61 * * * *": "0 */61 * * * *",
    "0 0 ? * ?": "0 0 0 ? * ?",
}
"""As written → as the broker is told."""
