"""An issue as a site: a folder of web pages that can be read from a disk as well as from a server."""
