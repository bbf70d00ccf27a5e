"""The register: partners, their keys, and what the operator lets them ask people for. All of it is public."""
