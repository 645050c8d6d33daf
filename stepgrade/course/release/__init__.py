"""From source/ to what students download, and to the worked solution; and the proof that nothing leaks."""
