"""PyTorch is no dependency; what runs on it is there where it is."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("torch") else ["torch_programs.py"]
