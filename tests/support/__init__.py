"""Parts that several rooms of tests share."""
