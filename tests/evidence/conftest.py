"""PyTorch is no dependency; its student is there where it is."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("torch") else ["students/torch_autograd.py"]
