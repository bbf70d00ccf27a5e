"""The log's writer: sequencer, publisher, openings and effects."""
