"""Stream time, timers and cron schedules. No other module here reads a clock."""
