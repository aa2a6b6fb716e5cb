"""What a server needs beside the application."""
