"""The link to a signaling server: invite links, sealing, and the connection that comes back by itself.

link -> sealing, invite -> `signaling_server.wire`.
"""
