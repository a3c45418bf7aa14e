"""The signaling server: two in a room find each other through it. It relays sealed payloads and reads none.

cli -> server (websockets) -> rooms (pure) -> wire (messages and their codec). Imports point that way only,
and never to `callapp`; the app itself imports `wire`, and its `main` alone may host `server`.
"""
