"""The release as it was downloaded, with nothing filled in."""
