"""The compiled plan: a checked definition, with every look-up the engine needs prepared."""
