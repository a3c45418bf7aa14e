/** Every text of the page, in English and Korean (합니다체 throughout). A test demands the same keys of both. */

const en = {
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
const enNotices = {
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

/** Errors of devices by their W3C names: [title, next step], for a device or for any. */
const enDevices = {
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

const ko = {
  start: "시작",
  call: "전화 걸기",
  hangUp: "끊기",
  stateReady: "참여할 준비가 되었습니다",
  stateReadyOwn: "준비됨",
  stateStarting: "시작하는 중…",
  stateJoining: "방에 들어가는 중…",
  stateWaiting: "상대방을 기다리는 중입니다",
  stateFull: "방이 가득 찼습니다",
  stateCalling: "전화 거는 중…",
  stateConnecting: "연결 중…",
  stateConnected: "통화 중",
  stateReconnecting: "다시 연결 중…",
  stateEnded: "통화가 종료되었습니다",
  startHint: "카메라와 마이크를 켭니다",
  startDone: "카메라와 마이크가 이미 켜져 있습니다",
  callHint: "통화에 참여합니다",
  callNeedsStart: "먼저 시작을 누르십시오",
  callBusy: "이미 방에 들어와 있습니다",
  hangUpHint: "통화에서 나갑니다",
  hangUpIdle: "끊을 통화가 없습니다",

  mute: "음소거",
  unmute: "음소거 해제",
  cameraOff: "카메라 끄기",
  cameraOn: "카메라 켜기",
  share: "화면 공유",
  shareStop: "화면 공유 중지",
  shareNeedsCall: "화면 공유는 통화 중에 할 수 있습니다",
  shareMissing: "이 브라우저에서는 화면을 공유할 수 없습니다",
  chat: "채팅",
  chatUnread: "채팅, 읽지 않은 메시지 {count}개",
  log: "로그",
  fullScreen: "전체 화면",
  fullScreenLeave: "전체 화면 끝내기",
  devices: "장치와 언어",
  help: "도움말",
  close: "닫기",
  copy: "복사",
  copied: "복사했습니다",
  cameraOpen: "카메라가 켜져 있습니다",
  microphoneOpen: "마이크가 켜져 있습니다",
  sharing: "화면을 공유하고 있습니다",
  ownPicture: "내 화면",
  otherPicture: "상대방 화면",
  otherScreen: "상대방이 공유한 화면",
  connectionBar: "통화",
  setting: "내 장치",

  readyTitle: "통화에 초대받았습니다",
  readyStep: "시작을 누르면 내 모습이 보이고, 전화 걸기를 누르면 참여합니다. 그 전에는 아무도 보거나 듣지 못합니다.",
  waitingTitle: "상대방을 기다리는 중입니다",
  waitingStep: "상대방이 들어오면 여기에 나타납니다. 이 페이지를 열어 두십시오.",
  inviteTitle: "초대하기",
  inviteStep: "이 링크를 보내십시오. 링크가 있는 사람은 통화에 참여할 수 있습니다.",
  inviteLabel: "초대 링크",
  openLink: "열기",
  trustNote: "암호화됨, {host} 신뢰 필요. {host} 운영자는 이 페이지를 바꿀 수 있습니다. 걱정된다면 두 사람 모두 CallApp 앱을 사용하십시오.",
  yourCameraOff: "카메라가 꺼져 있습니다",
  theirCameraOff: "카메라가 꺼져 있습니다",
  theirNoName: "상대방",
  theyMuted: "음소거됨",
  theyShare: "{name} 님이 화면을 공유하고 있습니다",

  yourName: "내 이름",
  yourNameHint: "상대방에게 표시됩니다",
  camera: "카메라",
  microphone: "마이크",
  speaker: "스피커",
  deviceDefault: "브라우저가 선택",
  deviceNumber: "{kind} {number}",
  language: "언어",

  lockTrusts: "암호화됨, {host} 신뢰 필요",
  lockChanged: "이전과 다른 기기입니다",
  lockInterference: "누군가 방해하고 있을 수 있습니다",
  lockTitle: "이 통화의 보호 방식",
  lockTrustsText:
    "소리와 화면과 채팅은 두 사람 사이에서 암호화되어 전송됩니다. 그러나 이 페이지는 {host}에서 왔습니다. 그 운영자는 엿듣도록 페이지를 바꿀 수 있으며, 페이지 스스로는 이를 막지 못합니다. 두 사람 모두 CallApp 앱을 사용하면 서버가 바꿀 수 있는 것이 없습니다.",
  lockChangedText:
    "연결이 끊긴 뒤 상대방이 다른 키로 돌아왔습니다. 다른 기기이거나 누군가 중간에 있을 수 있습니다. 아래 그림을 다시 비교하십시오.",
  lockInterferenceText:
    "서버를 거치는 메시지가 바뀌거나 반복되거나 빠졌습니다. 비밀 이야기를 해야 한다면 통화를 끊으십시오.",
  sasText: "서로 읽어 주십시오. 이 페이지 자체가 바뀌지 않았다면, 두 사람에게 똑같이 보일 때 중간에 아무도 없습니다.",
  sasMissing: "통화가 시작되면 비교할 그림이 여기에 나타납니다.",

  helpTitle: "단축키",
  keyMute: "마이크 켜기/끄기",
  keyCamera: "카메라 켜기/끄기",
  keyShare: "화면 공유",
  keyChat: "채팅 열기/닫기",
  keyFullScreen: "전체 화면",
  keyHelp: "이 도움말",

  chatEmpty: "여기에 쓴 글은 상대방에게 바로 전달되며 통화가 끝나면 사라집니다.",
  chatPlaceholder: "메시지를 입력하십시오",
  chatSend: "보내기",
  chatYou: "나",
  chatSending: "보내는 중…",
  chatDelivered: "전달됨",
  chatFailed: "전달되지 않음",
  chatClosed: "통화가 시작되면 보낼 수 있습니다. 입력한 글은 그대로 있습니다.",
  chatFull: "전달을 기다리는 메시지가 너무 많습니다. 입력한 글은 그대로 있으니 잠시 후 다시 보내십시오.",
  chatTooLong: "메시지는 4,000자까지 쓸 수 있습니다. 입력한 글은 그대로 있습니다.",
  chatNew: "{name} 님의 새 메시지",

  TRY_AGAIN: "다시 시도",
  SOUND_ONLY: "소리만 사용",
  NO_MICROPHONE: "마이크 없이 계속",
  WATCH_ONLY: "보고 듣기만 하기",
  DEVICES: "장치",
  REJOIN: "다시 참여",
  NEW_ROOM: "새 방",
  CALL: "다시 걸기",
  DISMISS: "확인",
  PLAY: "소리 켜기",
};

const koNotices = {
  PEER_LEFT: ["info", "상대방이 전화를 끊었습니다.", "아직 방에 있습니다. 상대방은 같은 링크로 다시 들어올 수 있습니다."],
  PEER_LOST: ["warning", "상대방과의 연결이 끊어졌습니다.", "상대방이 돌아오면 통화를 다시 시작할 수 있습니다."],
  YOU_LEFT: ["info", "통화에서 나왔습니다.", "이 페이지가 열려 있는 동안 같은 링크로 다시 들어갈 수 있습니다."],
  ROOM_FULL: ["warning", "방이 가득 찼습니다.", "이미 두 사람이 있습니다. 나중에 다시 시도하거나 새 방을 만들어 링크를 보내십시오."],
  BUSY: ["info", "상대방이 다른 통화 중입니다.", "잠시 후 다시 거십시오."],
  DECLINED: ["info", "상대방이 통화를 거절했습니다.", "상대방이 괜찮을 때 다시 걸 수 있습니다."],
  NO_ANSWER: ["info", "상대방이 받지 않았습니다.", "잠시 후 다시 거십시오."],
  SERVER_LOST: ["warning", "서버와의 연결이 끊어졌습니다.", "계속 다시 연결하고 있습니다. 진행 중인 통화는 계속됩니다."],
  PERMISSION_PENDING: ["info", "이 페이지가 카메라와 마이크를 사용해도 되는지 브라우저가 묻고 있습니다.", "계속하려면 브라우저의 질문에 답하십시오. 대개 창 위쪽에 있습니다."],
  CONNECTION_FAILED: ["error", "상대방에게 연결할 수 없습니다.", "두 사람의 네트워크를 확인한 다음 다시 거십시오."],
  NEGOTIATION_FAILED: ["error", "두 기기가 통화 방식에 합의하지 못했습니다.", "두 사람이 같은 버전의 CallApp을 쓰는지 확인한 다음 다시 거십시오."],
  OTHER_LINK: ["error", "상대방이 다른 링크로 들어왔습니다.", "초대 링크를 다시 받아 전체가 복사되었는지 확인하십시오."],
  INTERFERENCE: ["error", "누군가 이 통화를 방해하고 있을 수 있습니다.", "서버를 거치는 메시지가 바뀌거나 빠졌습니다. 자물쇠를 눌러 그림을 비교하거나 통화를 끊으십시오."],
  SERVER_MESSAGE: ["error", "서버가 이 페이지에서 이해할 수 없는 내용을 보냈습니다.", "초대 링크 전체로 페이지를 다시 여십시오."],
  SERVER_REFUSED: ["error", "서버가 연결을 거부했습니다.", "나중에 다시 시도하십시오."],
  UNSUPPORTED_VERSION: ["error", "두 기기 또는 서버의 버전이 다릅니다.", "초대 링크를 다시 여십시오. 앱을 쓰는 사람은 앱을 업데이트하십시오."],
  NO_ROOM: ["info", "이 페이지에는 초대 링크가 필요합니다.", "받은 링크를 열거나 여기에 붙여 넣으십시오."],
  NO_SECRET: ["warning", "초대 링크가 완전하지 않습니다.", "# 뒷부분이 없습니다. 페이지를 새로 고친 뒤에는 링크를 다시 열거나 붙여 넣으십시오."],
  BAD_LINK: ["error", "완전한 초대 링크가 아닙니다.", "링크의 처음부터 끝까지 복사해 여기에 붙여 넣으십시오."],
  NO_WEBRTC: ["error", "이 브라우저로는 통화할 수 없습니다.", "최신 Chrome, Edge, Firefox 또는 Safari를 사용하십시오."],
  SOUND_BLOCKED: ["warning", "브라우저가 상대방의 소리를 꺼 두었습니다.", "버튼을 눌러 소리를 켜십시오."],
  INSECURE: ["error", "이 페이지에서는 카메라와 마이크와 암호화를 사용할 수 없습니다.", "암호화되지 않은 http로 열렸으며 브라우저는 https 페이지에서만 이를 허용합니다. https://로 시작하는 링크를 받으십시오."],
};

const koDevices = {
  NotFoundError: {
    camera: ["카메라를 찾을 수 없습니다.", "카메라를 연결하고 다시 시도하거나 소리만 사용하십시오."],
    microphone: ["마이크를 찾을 수 없습니다.", "마이크를 연결하고 다시 시도하거나 마이크 없이 계속하십시오."],
    devices: ["카메라와 마이크를 찾을 수 없습니다.", "연결하고 다시 시도하거나 보고 듣기만 하십시오."],
  },
  NotAllowedError: {
    camera: ["카메라 권한이 없습니다.", "주소 옆 또는 시스템 설정에서 허용한 다음 다시 시도하십시오."],
    microphone: ["마이크 권한이 없습니다.", "주소 옆 또는 시스템 설정에서 허용한 다음 다시 시도하십시오."],
    devices: ["카메라와 마이크 권한이 없습니다.", "주소 옆 또는 시스템 설정에서 허용한 다음 다시 시도하십시오."],
  },
  NotReadableError: {
    camera: ["다른 프로그램이 카메라를 사용하고 있습니다.", "그 프로그램을 닫고 다시 시도하거나 소리만 사용하십시오."],
    microphone: ["다른 프로그램이 마이크를 사용하고 있습니다.", "그 프로그램을 닫고 다시 시도하거나 마이크 없이 계속하십시오."],
    devices: ["다른 프로그램이 카메라나 마이크를 사용하고 있습니다.", "그 프로그램을 닫고 다시 시도하십시오."],
    screen: ["화면을 공유할 수 없습니다.", "다른 창이나 화면을 선택하십시오."],
  },
  OverconstrainedError: {
    devices: ["선택한 장치가 없거나 필요한 화질을 낼 수 없습니다.", "장치에서 다른 것을 선택하거나 다시 시도하십시오."],
  },
  SecurityError: {
    devices: ["시스템이 페이지의 카메라와 마이크 사용을 막고 있습니다.", "컴퓨터 관리자에게 허용을 요청하십시오."],
  },
  AbortError: {
    devices: ["장치를 시작할 수 없습니다.", "장치를 뺐다가 다시 연결하고 시도하십시오."],
  },
  DEVICE_LOST: {
    camera: ["카메라 연결이 끊어졌습니다.", "다시 연결하거나 다른 카메라를 선택하십시오. 소리는 계속됩니다."],
    microphone: ["마이크 연결이 끊어져 상대방이 듣지 못합니다.", "다시 연결하거나 다른 마이크를 선택하십시오."],
  },
  other: {
    devices: ["장치를 시작할 수 없습니다.", "다시 시도하거나 다른 장치를 선택하십시오."],
  },
};

const LANGUAGES = {
  en: { texts: en, notices: enNotices, devices: enDevices },
  ko: { texts: ko, notices: koNotices, devices: koDevices },
};

/** @type {Readonly<Record<string, string>>} the languages by their own names */
export const LANGUAGE_NAMES = Object.freeze({ en: "English", ko: "한국어" });

/** @param {readonly string[]} wished as in navigator.languages @returns {string} the first that the page speaks */
export function bestLanguage(wished) {
  for (const tag of wished) {
    const language = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(LANGUAGES, language)) return language;
  }
  return "en";
}

/** The page's words in one language. */
export class Words {
  #tables;

  /** @param {string} language en | ko */
  constructor(language) {
    this.language = language;
    this.#tables = LANGUAGES[language];
  }

  /** @param {string} key @param {Record<string, string|number>} values for the {names} in it @returns {string} */
  text(key, values = {}) {
    return fill(this.#tables.texts[key], values);
  }

  /** @returns {{tone: string, title: string, step: string, details: string}} a banner's words */
  notice({ code, error, kind, detail }, values = {}) {
    if (code !== "DEVICE") {
      const [tone, title, step] = this.#tables.notices[code];
      return { tone, title: fill(title, values), step: fill(step, values), details: "" };
    }
    const about = this.#tables.devices[error] ?? this.#tables.devices.other;
    const [title, step] = about[kind] ?? about.devices;
    return { tone: "error", title, step, details: [error, detail].filter(Boolean).join(": ") };
  }
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** For tests: every table of every language. */
export { LANGUAGES };
