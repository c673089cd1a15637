"""Words that leave: e-mail and SMS. A message is a folder and a line of the catalogue."""
