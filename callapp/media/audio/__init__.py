"""Sound in and out: devices, WAV files, the test tone, and the app's own sounds.

`source.audio_input` and `sink.audio_output` are the way in; everything speaks blocks of
`blocks.BLOCK_SAMPLES`.
"""
