"""Telling partners that something happened: endpoints, what waits, signed sending, what came of it."""
