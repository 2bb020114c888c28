"""Other renditions of the guide, in layouts unlike the program's own blanks."""
