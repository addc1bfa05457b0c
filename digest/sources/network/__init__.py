"""The network: one polite client, and the services that are asked page by page."""
