"""What a request costs. Only this machine's loopback is ever asked; see docs/performance.md."""
