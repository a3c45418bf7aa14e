"""Where pictures come from: camera, screen, video file, test picture. The doors are `source` and `devices`."""
