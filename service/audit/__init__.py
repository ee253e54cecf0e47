"""Somebody's tests audited: run beside right and mistaken code in place of what they test."""
