"""Modules of the standard library that the Python sandbox has not, in the subset it runs.

Each file is the text of one module; `runfold_executor_code.modules` gives it to programs that
import it. A file has functions, classes and constants at its top level, imports what the sandbox
has, and no text that goes over several lines other than docstrings: it is indented before it is
run. What it cannot do as the standard library does it leaves out.
"""
