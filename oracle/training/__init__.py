"""How parameters are updated: optimizers, schedules, penalties."""
