"""The live preview: a folder is watched, what changed is made again in a process of its own, a browser shows it."""
