"""What nbgrader's own commands are given of ours: exporters, preprocessors, and the steps around them."""
