"""How a page, a message and a sheet of paper look. Imports nothing of ours; every site installs it."""
