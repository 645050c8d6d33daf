"""What runs inside the boundary. Started by path, never imported by the grader; nothing else of ours is there."""
