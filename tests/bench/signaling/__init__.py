"""The signaling server under load, beside socket.io and PeerJS's server: docs/benchmarks.md."""
