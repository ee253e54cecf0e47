"""What runs inside the sandbox, beside the student's module: the standard library and numpy alone.

Nothing here can be relied upon: the student's module shares its processes. It holds no expected
value, and whoever reads its answers checks them anew.
"""
