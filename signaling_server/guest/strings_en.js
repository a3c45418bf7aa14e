/** The texts of the page in English. */

export const texts = {
  // the three words, the states
  start: "Start",
  call: "Call",
  hangUp: "Hang Up",
  stateReady: "Ready to join",
  stateReadyOwn: "Ready",
  stateStarting: "Starting…",
  stateJoining: "Joining the room…",
  stateWaiting: "Waiting for someone to join",
  stateFull: "The room is full",
  stateCalling: "Calling…",
  stateConnecting: "Connecting…",
  stateConnected: "In call",
  stateReconnecting: "Reconnecting…",
  stateEnded: "Call ended",
  startHint: "Turn on your camera and microphone",
  startDone: "Camera and microphone are on already",
  callHint: "Join the call",
  callNeedsStart: "Press Start first",
  callBusy: "You are in the room already",
  hangUpHint: "Leave the call",
  hangUpIdle: "There is no call to leave",

  // controls
  mute: "Mute the microphone",
  unmute: "Unmute the microphone",
  cameraOff: "Turn the camera off",
  cameraOn: "Turn the camera on",
  share: "Share your screen",
  shareStop: "Stop sharing",
  shareNeedsCall: "You can share your screen in a call",
  shareMissing: "This browser cannot share a screen",
  chat: "Chat",
  chatUnread: "Chat, {count} unread",
  log: "Log",
  fullScreen: "Full screen",
  fullScreenLeave: "Leave full screen",
  devices: "Devices and language",
  help: "Help",
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  cameraOpen: "The camera is on",
  microphoneOpen: "The microphone is on",
  sharing: "You are sharing your screen",
  ownPicture: "Your picture",
  otherPicture: "Picture of the other side",
  otherScreen: "Screen of the other side",
  connectionBar: "Call",
  setting: "Your devices",

  // cards
  readyTitle: "You are invited to a call",
  readyStep: "Press Start to see yourself, then Call to join. Nobody sees or hears you before that.",
  waitingTitle: "Waiting for someone to join",
  waitingStep: "The other person appears here as soon as they join. You can keep this page open.",
  inviteTitle: "Invite someone",
  inviteStep: "Send this link. Whoever has it can join the call.",
  inviteLabel: "Invite link",
  openLink: "Open",
  trustNote: "Encrypted; trusts {host}. Whoever runs {host} could change this page. If that worries you, both use the CallApp app.",
  yourCameraOff: "Your camera is off",
  theirCameraOff: "Camera is off",
  theirNoName: "The other person",
  theyMuted: "Muted",
  theyShare: "{name} is sharing a screen",

  // devices
  yourName: "Your name",
  yourNameHint: "Shown to the other side",
  camera: "Camera",
  microphone: "Microphone",
  speaker: "Speaker",
  deviceDefault: "The browser's choice",
  deviceNumber: "{kind} {number}",
  language: "Language",

  // lock
  lockTrusts: "Encrypted; trusts {host}",
  lockChanged: "Not the same device as before",
  lockInterference: "Someone may be interfering",
  lockTitle: "How this call is protected",
  lockTrustsText:
    "Sound, picture and chat go encrypted between the two of you. But this page came from {host}: whoever runs it could have changed it to listen in. A page cannot protect you against that. The app can: when both use the CallApp app, the server has nothing to change.",
  lockChangedText:
    "After the connection was lost, the other side came back with another key. It may be another device, or someone in between. Compare the pictures below with each other again.",
  lockInterferenceText:
    "A message was changed, repeated or left out on its way through the server. Hang up if you have to say something confidential.",
  sasText: "Read these to each other. If both see the same, nobody has come between you on the way, unless this page itself was changed.",
  sasMissing: "The pictures to compare appear here once you are in a call.",

  // help
  helpTitle: "Keyboard",
  keyMute: "Microphone on or off",
  keyCamera: "Camera on or off",
  keyShare: "Share your screen",
  keyChat: "Open or close the chat",
  keyFullScreen: "Full screen",
  keyHelp: "This help",

  // chat
  chatEmpty: "What you write here goes straight to the other side and is gone after the call.",
  chatPlaceholder: "Write a message",
  chatSend: "Send",
  chatYou: "You",
  chatSending: "Sending…",
  chatDelivered: "Delivered",
  chatFailed: "Not delivered",
  chatClosed: "You can write once you are in a call. Your text stays here.",
  chatFull: "Too much is waiting to be delivered. Your text stays here; try again in a moment.",
  chatTooLong: "A message has at most 4,000 characters. Your text stays here.",
  chatNew: "New message from {name}",

  // actions of banners
  TRY_AGAIN: "Try again",
  SOUND_ONLY: "Sound only",
  NO_MICROPHONE: "Without microphone",
  WATCH_ONLY: "Only watch and listen",
  DEVICES: "Devices",
  REJOIN: "Rejoin",
  NEW_ROOM: "New room",
  CALL: "Call again",
  DISMISS: "OK",
  PLAY: "Turn on the sound",
};

/** Banners: [tone, title, next step]. */
export const notices = {
  PEER_LEFT: ["info", "The other side hung up.", "You are still in the room; they can come back with the same link."],
  PEER_LOST: ["warning", "The connection to the other side was lost.", "The call can start again when they come back."],
  YOU_LEFT: ["info", "You have left the call.", "You can come back with the same link while this page is open."],
  ROOM_FULL: ["warning", "Sorry, this room is full.", "Two people are in it already. Try again later, or make a new room and send its link."],
  BUSY: ["info", "The other side is in another call.", "Call again a little later."],
  DECLINED: ["info", "The other side declined the call.", "You can call again when it suits them."],
  NO_ANSWER: ["info", "Nobody answered.", "Call again a little later."],
  SERVER_LOST: ["warning", "The connection to the server was lost.", "This page keeps trying. A call that is running goes on."],
  PERMISSION_PENDING: ["info", "Your browser asks whether this page may use the camera and microphone.", "Answer its question to go on. It is usually at the top of the window."],
  CONNECTION_FAILED: ["error", "Can't reach the other side.", "Check that both have a working network, then call again."],
  NEGOTIATION_FAILED: ["error", "The two sides could not agree on a call.", "Check that both use the same version of CallApp, then call again."],
  OTHER_LINK: ["error", "The other side joined with another link.", "Ask for the invite link again and make sure that it is copied whole."],
  INTERFERENCE: ["error", "Someone may be interfering with this call.", "Messages through the server were changed or left out. Compare the pictures behind the lock, or hang up."],
  SERVER_MESSAGE: ["error", "The server sent something that this page does not understand.", "Reload the page with the whole invite link."],
  SERVER_REFUSED: ["error", "The server refused the connection.", "Try again later."],
  UNSUPPORTED_VERSION: ["error", "The two sides or the server are of different versions.", "Open the invite link again; who has the app updates it."],
  NO_ROOM: ["info", "This page needs an invite link.", "Open the link that you were sent, or paste it here."],
  NO_SECRET: ["warning", "The invite link is not complete.", "The part after # is missing. A link works once per page: after reloading, open or paste it again."],
  BAD_LINK: ["error", "This is not a complete invite link.", "Copy the whole link, from its first letter to its last, and paste it here."],
  NO_WEBRTC: ["error", "This browser cannot make calls.", "Use a current Chrome, Edge, Firefox or Safari."],
  SOUND_BLOCKED: ["warning", "Your browser keeps the sound of the other side off.", "Press the button to hear them."],
  INSECURE: ["error", "This page cannot use your camera, microphone or encryption.", "It came over plain http, and browsers allow them on https pages only. Ask for the link that begins with https://"],
};

/** Errors of devices by their W3C names: [title, next step], for a device or for any (`devices`). */
export const devices = {
  NotFoundError: {
    camera: ["No camera was found.", "Plug one in and try again, or go on with sound only."],
    microphone: ["No microphone was found.", "Plug one in and try again, or go on without."],
    devices: ["No camera and no microphone were found.", "Plug them in and try again, or only watch and listen."],
  },
  NotAllowedError: {
    camera: ["This page is not allowed to use the camera.", "Allow it next to the address of the page or in the settings of your system, then try again."],
    microphone: ["This page is not allowed to use the microphone.", "Allow it next to the address of the page or in the settings of your system, then try again."],
    devices: ["This page is not allowed to use the camera and microphone.", "Allow it next to the address of the page or in the settings of your system, then try again."],
  },
  NotReadableError: {
    camera: ["The camera is used by another program.", "Close the other program and try again, or go on with sound only."],
    microphone: ["The microphone is used by another program.", "Close the other program and try again, or go on without."],
    devices: ["The camera or the microphone is used by another program.", "Close the other program and try again."],
    screen: ["The screen cannot be shared.", "Choose another window or screen."],
  },
  OverconstrainedError: {
    devices: ["The chosen device is not there, or cannot deliver what is needed.", "Choose another one under Devices, or try again."],
  },
  SecurityError: {
    devices: ["Your system does not let pages use cameras or microphones.", "Ask whoever looks after this computer to allow it."],
  },
  AbortError: {
    devices: ["The device could not be started.", "Unplug it, plug it in again and try again."],
  },
  DEVICE_LOST: {
    camera: ["The camera was disconnected.", "Plug it in again, or choose another one. The sound goes on."],
    microphone: ["The microphone was disconnected: nobody hears you now.", "Plug it in again, or choose another one."],
  },
  other: {
    devices: ["The device could not be started.", "Try again, or choose another one."],
  },
};
