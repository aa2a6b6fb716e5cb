"""Teams: the workspace, who belongs to it, and what happened in it."""
