"""Rosters as other systems write them: bytes in, students and faults out; knows no door.

CSV of any separator, Excel's workbooks, exports of Canvas and Moodle, and what the API writes.
"""

from gradgrade.service.roster_formats.roster import (
    Roster,
    RosterFault,
    RosterStudent,
    as_roster,
    read_roster,
)

__all__ = ["Roster", "RosterFault", "RosterStudent", "as_roster", "read_roster"]
