"""What several test folders share: processes of the app, a display, a room with sound."""
