<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR" sourcelanguage="en_US">
<context>
    <name>Actions</name>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>Other camera</source>
        <translation>다른 카메라</translation>
    </message>
    <message>
        <source>Sound only</source>
        <translation>소리만 사용</translation>
    </message>
    <message>
        <source>Test picture</source>
        <translation>테스트 영상</translation>
    </message>
    <message>
        <source>Without microphone</source>
        <translation>마이크 없이 계속</translation>
    </message>
    <message>
        <source>Rejoin</source>
        <translation>다시 참여</translation>
    </message>
    <message>
        <source>New room</source>
        <translation>새 방</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>설정</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Details</source>
        <translation>자세히</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>접기</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>복사</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>이 메시지 닫기</translation>
    </message>
</context>
<context>
    <name>Bars</name>
    <message>
        <source>The camera is on</source>
        <translation>카메라가 켜져 있습니다</translation>
    </message>
    <message>
        <source>The microphone is on</source>
        <translation>마이크가 켜져 있습니다</translation>
    </message>
    <message>
        <source>More</source>
        <translation>더 보기</translation>
    </message>
    <message>
        <source>You are not in a call.</source>
        <translation>통화 중이 아닙니다.</translation>
    </message>
    <message>
        <source>Press Start first.</source>
        <translation>먼저 시작을 누르십시오.</translation>
    </message>
    <message>
        <source>Unmute (M)</source>
        <translation>음소거 해제 (M)</translation>
    </message>
    <message>
        <source>Mute (M)</source>
        <translation>음소거 (M)</translation>
    </message>
    <message>
        <source>Turn the camera on (V)</source>
        <translation>카메라 켜기 (V)</translation>
    </message>
    <message>
        <source>Turn the camera off (V)</source>
        <translation>카메라 끄기 (V)</translation>
    </message>
    <message>
        <source>You can share your screen during a call.</source>
        <translation>화면은 통화 중에 공유할 수 있습니다.</translation>
    </message>
    <message>
        <source>Stop sharing (S)</source>
        <translation>공유 중지 (S)</translation>
    </message>
    <message>
        <source>Share your screen (S)</source>
        <translation>화면 공유 (S)</translation>
    </message>
    <message>
        <source>Chat, {count} unread (C)</source>
        <translation>채팅, 읽지 않은 메시지 {count}개 (C)</translation>
    </message>
    <message>
        <source>Close the chat (C)</source>
        <translation>채팅 닫기 (C)</translation>
    </message>
    <message>
        <source>Chat (C)</source>
        <translation>채팅 (C)</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>시작</translation>
    </message>
    <message>
        <source>Call</source>
        <translation>전화 걸기</translation>
    </message>
    <message>
        <source>Hang Up</source>
        <translation>끊기</translation>
    </message>
    <message>
        <source>Choose microphone and speaker</source>
        <translation>마이크와 스피커 선택</translation>
    </message>
    <message>
        <source>Choose camera</source>
        <translation>카메라 선택</translation>
    </message>
    <message>
        <source>Camera and microphone are being opened.</source>
        <translation>카메라와 마이크를 여는 중입니다.</translation>
    </message>
    <message>
        <source>Camera and microphone are already on.</source>
        <translation>카메라와 마이크가 이미 켜져 있습니다.</translation>
    </message>
    <message>
        <source>You are already in a call.</source>
        <translation>이미 통화 중입니다.</translation>
    </message>
    <message>
        <source>You are in the room; the call begins when someone joins.</source>
        <translation>방에 들어와 있습니다. 상대방이 참여하면 통화가 시작됩니다.</translation>
    </message>
    <message>
        <source>The room is not ready yet.</source>
        <translation>방이 아직 준비되지 않았습니다.</translation>
    </message>
</context>
<context>
    <name>Cards</name>
    <message>
        <source>Talk face to face</source>
        <translation>얼굴을 보며 대화하십시오</translation>
    </message>
    <message>
        <source>Press Start to turn on your camera and microphone. You then get a link to send to the other person.</source>
        <translation>시작을 누르면 카메라와 마이크가 켜지고, 상대방에게 보낼 링크가 만들어집니다.</translation>
    </message>
    <message>
        <source>Starting camera and microphone…</source>
        <translation>카메라와 마이크를 켜는 중…</translation>
    </message>
    <message>
        <source>If your system asks for permission, allow it.</source>
        <translation>시스템이 권한을 물으면 허용하십시오.</translation>
    </message>
    <message>
        <source>Ready to join</source>
        <translation>참여 준비 완료</translation>
    </message>
    <message>
        <source>Press Call to join the call.</source>
        <translation>전화 걸기를 누르면 통화에 참여합니다.</translation>
    </message>
    <message>
        <source>Press Start to turn on your camera and microphone, then Call.</source>
        <translation>시작을 눌러 카메라와 마이크를 켠 다음 전화 걸기를 누르십시오.</translation>
    </message>
    <message>
        <source>Send this link. The call begins when the other person joins.</source>
        <translation>이 링크를 보내십시오. 상대방이 참여하면 통화가 시작됩니다.</translation>
    </message>
    <message>
        <source>Send this link, then press Call.</source>
        <translation>이 링크를 보낸 다음 전화 걸기를 누르십시오.</translation>
    </message>
    <message>
        <source>Invite someone</source>
        <translation>초대하기</translation>
    </message>
    <message>
        <source>You are in the room</source>
        <translation>방에 들어와 있습니다</translation>
    </message>
    <message>
        <source>The call begins when the other person joins.</source>
        <translation>상대방이 참여하면 통화가 시작됩니다.</translation>
    </message>
    <message>
        <source>A call with yourself</source>
        <translation>나와의 통화</translation>
    </message>
    <message>
        <source>Press Call to see yourself as others do. Nothing leaves this computer.</source>
        <translation>전화 걸기를 누르면 상대방에게 보이는 내 모습을 볼 수 있습니다. 아무것도 이 컴퓨터 밖으로 나가지 않습니다.</translation>
    </message>
    <message>
        <source>Press Start, then Call. Nothing leaves this computer.</source>
        <translation>시작을 누른 다음 전화 걸기를 누르십시오. 아무것도 이 컴퓨터 밖으로 나가지 않습니다.</translation>
    </message>
    <message>
        <source>They have CallApp</source>
        <translation>상대방이 CallApp 사용</translation>
    </message>
    <message>
        <source>They use a browser</source>
        <translation>상대방이 브라우저 사용</translation>
    </message>
    <message>
        <source>Who can join. Another choice makes a new link.</source>
        <translation>참여할 수 있는 범위입니다. 다른 범위를 선택하면 새 링크를 만듭니다.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>복사</translation>
    </message>
    <message>
        <source>Copy invite link</source>
        <translation>초대 링크 복사</translation>
    </message>
    <message>
        <source>Invite link</source>
        <translation>초대 링크</translation>
    </message>
    <message>
        <source>Show the QR code large</source>
        <translation>QR 코드 크게 보기</translation>
    </message>
    <message>
        <source>Tell them beforehand: their browser will warn that the connection is not private, because it does not know this server&apos;s certificate. They choose “Advanced”, then “Proceed” or “Accept the Risk”.</source>
        <translation>상대방에게 미리 알려 주십시오. 브라우저가 이 서버의 인증서를 알지 못해 연결이 안전하지 않다고 경고합니다. ‘고급’을 누른 다음 ‘이동’ 또는 ‘위험을 감수하고 계속’을 누르면 됩니다.</translation>
    </message>
    <message>
        <source>Have a link? Paste it here</source>
        <translation>링크가 있으면 여기에 붙여 넣으십시오</translation>
    </message>
    <message>
        <source>Invite link of someone else</source>
        <translation>다른 사람의 초대 링크</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>I have a link</source>
        <translation>링크가 있습니다</translation>
    </message>
    <message>
        <source>New room instead</source>
        <translation>새 방 만들기</translation>
    </message>
    <message>
        <source>{name} is calling you.</source>
        <translation>{name} 님이 전화를 걸었습니다.</translation>
    </message>
    <message>
        <source>Someone with your invite link is calling you.</source>
        <translation>초대 링크를 받은 사람이 전화를 걸었습니다.</translation>
    </message>
    <message>
        <source>Incoming call</source>
        <translation>수신 전화</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>수락</translation>
    </message>
    <message>
        <source>Accept without video</source>
        <translation>카메라 끄고 받기</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>거절</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>이 컴퓨터</translation>
    </message>
    <message>
        <source>This network</source>
        <translation>이 네트워크</translation>
    </message>
    <message>
        <source>People on this network can join.</source>
        <translation>같은 네트워크에 있는 사람이 참여할 수 있습니다.</translation>
    </message>
    <message>
        <source>Internet</source>
        <translation>인터넷</translation>
    </message>
    <message>
        <source>Anyone who has the link can join.</source>
        <translation>링크가 있는 사람은 누구나 참여할 수 있습니다.</translation>
    </message>
    <message>
        <source>Works on this computer only.</source>
        <translation>이 컴퓨터에서만 사용할 수 있습니다.</translation>
    </message>
    <message>
        <source>Point the camera of a phone at this</source>
        <translation>휴대전화 카메라로 비추십시오</translation>
    </message>
    <message>
        <source>QR code of the invite link</source>
        <translation>초대 링크 QR 코드</translation>
    </message>
</context>
<context>
    <name>Chat</name>
    <message>
        <source>You can write once you are in a call.</source>
        <translation>통화가 시작되면 보낼 수 있습니다.</translation>
    </message>
    <message>
        <source>Too many messages have not arrived yet. Wait a moment; your text stays here.</source>
        <translation>전달을 기다리는 메시지가 너무 많습니다. 입력한 글은 그대로 있으니 잠시 기다리십시오.</translation>
    </message>
    <message>
        <source>A message has at most 4,000 characters.</source>
        <translation>메시지는 4,000자까지 쓸 수 있습니다.</translation>
    </message>
    <message>
        <source>Write something first.</source>
        <translation>먼저 글을 입력하십시오.</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>보내기 (Enter)</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>채팅</translation>
    </message>
    <message>
        <source>Close the chat</source>
        <translation>채팅 닫기</translation>
    </message>
    <message>
        <source>What you write here goes straight to the other side and is gone after the call.</source>
        <translation>여기에 쓴 글은 상대방에게 바로 전달되며 통화가 끝나면 사라집니다.</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>메시지 목록</translation>
    </message>
    <message>
        <source>New messages</source>
        <translation>새 메시지</translation>
    </message>
    <message>
        <source>Your message</source>
        <translation>보낼 메시지</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>메시지를 입력하십시오</translation>
    </message>
    <message>
        <source>You</source>
        <translation>나</translation>
    </message>
    <message>
        <source>The other person</source>
        <translation>상대방</translation>
    </message>
    <message>
        <source>Sending…</source>
        <translation>보내는 중…</translation>
    </message>
    <message>
        <source>Delivered</source>
        <translation>전달됨</translation>
    </message>
    <message>
        <source>Not delivered</source>
        <translation>전달되지 않음</translation>
    </message>
</context>
<context>
    <name>Devices</name>
    <message>
        <source>Automatic</source>
        <translation>자동</translation>
    </message>
    <message>
        <source>Test picture</source>
        <translation>테스트 영상</translation>
    </message>
    <message>
        <source>No camera</source>
        <translation>카메라 사용 안 함</translation>
    </message>
    <message>
        <source>No microphone</source>
        <translation>마이크 사용 안 함</translation>
    </message>
    <message>
        <source>No speaker</source>
        <translation>스피커 사용 안 함</translation>
    </message>
    <message>
        <source>{name} (not connected)</source>
        <translation>{name} (연결되지 않음)</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>Microphone</source>
        <translation>마이크</translation>
    </message>
    <message>
        <source>Speaker</source>
        <translation>스피커</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>화면</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>The device was not found.</source>
        <translation>장치를 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Plug it in and try again, or choose another one.</source>
        <translation>장치를 연결하고 다시 시도하거나 다른 장치를 선택하십시오.</translation>
    </message>
    <message>
        <source>CallApp is not allowed to use the device.</source>
        <translation>장치 사용 권한이 없습니다.</translation>
    </message>
    <message>
        <source>Allow it in the privacy settings of your system, then try again.</source>
        <translation>시스템의 개인 정보 보호 설정에서 허용한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>The device is used by another program.</source>
        <translation>다른 프로그램이 장치를 사용하고 있습니다.</translation>
    </message>
    <message>
        <source>Close the other program and try again, or choose another device.</source>
        <translation>그 프로그램을 닫고 다시 시도하거나 다른 장치를 선택하십시오.</translation>
    </message>
    <message>
        <source>The camera cannot deliver the required picture size.</source>
        <translation>카메라가 요청한 영상 크기를 지원하지 않습니다.</translation>
    </message>
    <message>
        <source>Choose another camera, or ask for a smaller size.</source>
        <translation>다른 카메라를 선택하거나 더 작은 크기를 사용하십시오.</translation>
    </message>
    <message>
        <source>Your system does not let programs use cameras or microphones.</source>
        <translation>시스템이 카메라와 마이크 사용을 막고 있습니다.</translation>
    </message>
    <message>
        <source>Ask whoever looks after this computer to allow it.</source>
        <translation>이 컴퓨터의 관리자에게 허용을 요청하십시오.</translation>
    </message>
    <message>
        <source>The device could not be started.</source>
        <translation>장치를 시작할 수 없습니다.</translation>
    </message>
    <message>
        <source>Unplug it, plug it in again and try again.</source>
        <translation>장치를 뺐다가 다시 연결한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>The device was disconnected.</source>
        <translation>장치 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>Plug it in again, or choose another one.</source>
        <translation>다시 연결하거나 다른 장치를 선택하십시오.</translation>
    </message>
    <message>
        <source>The file cannot be played.</source>
        <translation>파일을 재생할 수 없습니다.</translation>
    </message>
    <message>
        <source>Check that it exists and is a video or sound file.</source>
        <translation>파일이 있는지, 동영상이나 소리 파일이 맞는지 확인하십시오.</translation>
    </message>
    <message>
        <source>The file cannot be written.</source>
        <translation>파일에 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose another folder, or free some space.</source>
        <translation>다른 폴더를 선택하거나 저장 공간을 확보하십시오.</translation>
    </message>
    <message>
        <source>The two sides could not agree on a call.</source>
        <translation>양쪽의 통화 설정이 서로 맞지 않습니다.</translation>
    </message>
    <message>
        <source>Check that both use the same version of CallApp, then call again.</source>
        <translation>양쪽이 같은 버전의 CallApp을 사용하는지 확인하고 다시 전화하십시오.</translation>
    </message>
    <message>
        <source>Can&apos;t reach the other side.</source>
        <translation>상대방에게 연결할 수 없습니다.</translation>
    </message>
    <message>
        <source>Check that both are on the same network, then call again.</source>
        <translation>양쪽이 같은 네트워크에 있는지 확인하고 다시 전화하십시오.</translation>
    </message>
    <message>
        <source>The other side sent something that CallApp does not understand.</source>
        <translation>상대방이 보낸 내용을 이해할 수 없습니다.</translation>
    </message>
    <message>
        <source>The other side joined with another link.</source>
        <translation>상대방이 다른 링크로 참여했습니다.</translation>
    </message>
    <message>
        <source>Send the invite link again and make sure that it is copied whole.</source>
        <translation>초대 링크를 다시 보내고, 링크 전체가 복사되었는지 확인하십시오.</translation>
    </message>
    <message>
        <source>This is not a complete invite link.</source>
        <translation>올바른 초대 링크가 아닙니다.</translation>
    </message>
    <message>
        <source>Copy the whole link, from its first letter to its last, and paste it again.</source>
        <translation>링크를 처음부터 끝까지 복사하여 다시 붙여 넣으십시오.</translation>
    </message>
    <message>
        <source>Can&apos;t reach the server.</source>
        <translation>서버에 연결할 수 없습니다.</translation>
    </message>
    <message>
        <source>Check your network. CallApp keeps trying.</source>
        <translation>네트워크를 확인하십시오. CallApp이 계속 다시 시도합니다.</translation>
    </message>
    <message>
        <source>The server refused the connection.</source>
        <translation>서버가 연결을 거부했습니다.</translation>
    </message>
    <message>
        <source>Try again later, or make a new room.</source>
        <translation>나중에 다시 시도하거나 새 방을 만드십시오.</translation>
    </message>
    <message>
        <source>The server sent something that CallApp does not understand.</source>
        <translation>서버가 보낸 내용을 이해할 수 없습니다.</translation>
    </message>
    <message>
        <source>Check the address of the server, or make a new room.</source>
        <translation>서버 주소를 확인하거나 새 방을 만드십시오.</translation>
    </message>
    <message>
        <source>The server and this CallApp are of different versions.</source>
        <translation>서버와 이 CallApp의 버전이 서로 다릅니다.</translation>
    </message>
    <message>
        <source>Update the older of the two.</source>
        <translation>둘 중 오래된 쪽을 업데이트하십시오.</translation>
    </message>
    <message>
        <source>The room is full.</source>
        <translation>방이 가득 찼습니다.</translation>
    </message>
    <message>
        <source>Two people are in it already. Make a new room and send its link.</source>
        <translation>이미 두 사람이 들어와 있습니다. 새 방을 만들어 링크를 보내십시오.</translation>
    </message>
    <message>
        <source>Another program uses the network port that CallApp needs.</source>
        <translation>CallApp에 필요한 네트워크 포트를 다른 프로그램이 사용하고 있습니다.</translation>
    </message>
    <message>
        <source>Close the other program, or try again.</source>
        <translation>그 프로그램을 닫거나 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>That is not possible right now.</source>
        <translation>지금은 할 수 없는 동작입니다.</translation>
    </message>
    <message>
        <source>The buttons below show what is.</source>
        <translation>아래 버튼에서 지금 할 수 있는 동작을 확인하십시오.</translation>
    </message>
    <message>
        <source>CallApp does not know this command.</source>
        <translation>알 수 없는 명령입니다.</translation>
    </message>
    <message>
        <source>Check the command, or update CallApp.</source>
        <translation>명령을 확인하거나 CallApp을 업데이트하십시오.</translation>
    </message>
    <message>
        <source>CallApp was given something that it cannot use.</source>
        <translation>사용할 수 없는 값이 전달되었습니다.</translation>
    </message>
    <message>
        <source>The details say what. Correct it and try again.</source>
        <translation>자세히에서 확인하고 고친 다음 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Your settings could not be read and start afresh.</source>
        <translation>설정을 읽을 수 없어 기본값으로 시작합니다.</translation>
    </message>
    <message>
        <source>The old file is kept; the details say where.</source>
        <translation>이전 파일은 보관되어 있습니다. 위치는 자세히에서 확인하십시오.</translation>
    </message>
    <message>
        <source>Your settings cannot be saved.</source>
        <translation>설정을 저장할 수 없습니다.</translation>
    </message>
    <message>
        <source>They last until you close CallApp. Check that the folder can be written.</source>
        <translation>CallApp을 닫을 때까지만 유지됩니다. 폴더의 쓰기 권한을 확인하십시오.</translation>
    </message>
    <message>
        <source>The log file cannot be written.</source>
        <translation>로그 파일에 쓸 수 없습니다.</translation>
    </message>
    <message>
        <source>Calls work all the same; the log is shown in this window only.</source>
        <translation>통화에는 문제가 없습니다. 로그는 이 창에서만 볼 수 있습니다.</translation>
    </message>
    <message>
        <source>No camera was found.</source>
        <translation>카메라를 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Plug one in and try again, or go on with sound only.</source>
        <translation>카메라를 연결하고 다시 시도하거나 소리만 사용하십시오.</translation>
    </message>
    <message>
        <source>No microphone was found.</source>
        <translation>마이크를 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Plug one in and try again.</source>
        <translation>마이크를 연결하고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>No speaker was found.</source>
        <translation>스피커를 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Plug in speakers or headphones and try again.</source>
        <translation>스피커나 헤드폰을 연결하고 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>The screen was not found.</source>
        <translation>화면을 찾을 수 없습니다.</translation>
    </message>
    <message>
        <source>Choose another screen to share.</source>
        <translation>공유할 다른 화면을 선택하십시오.</translation>
    </message>
    <message>
        <source>CallApp is not allowed to use the camera.</source>
        <translation>카메라 권한이 없습니다.</translation>
    </message>
    <message>
        <source>CallApp is not allowed to use the microphone.</source>
        <translation>마이크 권한이 없습니다.</translation>
    </message>
    <message>
        <source>The screen was not released for sharing.</source>
        <translation>화면 공유 권한이 없습니다.</translation>
    </message>
    <message>
        <source>Press Share again and allow it when your system asks.</source>
        <translation>화면 공유를 다시 누르고 시스템이 물으면 허용하십시오.</translation>
    </message>
    <message>
        <source>The camera is used by another program.</source>
        <translation>다른 프로그램이 카메라를 사용하고 있습니다.</translation>
    </message>
    <message>
        <source>Close the other program and try again, or choose another camera.</source>
        <translation>그 프로그램을 닫고 다시 시도하거나 다른 카메라를 선택하십시오.</translation>
    </message>
    <message>
        <source>The microphone is used by another program.</source>
        <translation>다른 프로그램이 마이크를 사용하고 있습니다.</translation>
    </message>
    <message>
        <source>Close the other program and try again, or choose another microphone.</source>
        <translation>그 프로그램을 닫고 다시 시도하거나 다른 마이크를 선택하십시오.</translation>
    </message>
    <message>
        <source>The speaker is used by another program.</source>
        <translation>다른 프로그램이 스피커를 사용하고 있습니다.</translation>
    </message>
    <message>
        <source>Close the other program and try again, or choose another speaker.</source>
        <translation>그 프로그램을 닫고 다시 시도하거나 다른 스피커를 선택하십시오.</translation>
    </message>
    <message>
        <source>The camera was disconnected.</source>
        <translation>카메라 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>Plug it in again, or choose another one. The sound goes on.</source>
        <translation>다시 연결하거나 다른 카메라를 선택하십시오. 소리는 계속 전달됩니다.</translation>
    </message>
    <message>
        <source>The microphone was disconnected: nobody hears you now.</source>
        <translation>마이크 연결이 끊어져 내 목소리가 들리지 않습니다.</translation>
    </message>
    <message>
        <source>The speaker was disconnected: you hear nothing now.</source>
        <translation>스피커 연결이 끊어져 소리가 나지 않습니다.</translation>
    </message>
    <message>
        <source>The shared screen is gone: sharing has stopped.</source>
        <translation>공유하던 화면이 사라져 공유가 중지되었습니다.</translation>
    </message>
    <message>
        <source>This is not the server that the link names.</source>
        <translation>링크에 있는 서버가 아닙니다.</translation>
    </message>
    <message>
        <source>Someone may be interfering, so CallApp told it nothing. Ask for a new link.</source>
        <translation>누군가 방해하고 있을 수 있어 CallApp이 아무것도 보내지 않았습니다. 새 링크를 요청하십시오.</translation>
    </message>
    <message>
        <source>The server cannot prove who it is.</source>
        <translation>서버가 자신의 신원을 증명하지 못합니다.</translation>
    </message>
    <message>
        <source>Ask whoever runs it for the link with its pin, and paste it whole.</source>
        <translation>서버 운영자에게 핀이 들어 있는 링크를 요청해 전체를 붙여 넣으십시오.</translation>
    </message>
    <message>
        <source>This computer is on no network.</source>
        <translation>이 컴퓨터가 네트워크에 연결되어 있지 않습니다.</translation>
    </message>
    <message>
        <source>Connect it to a network, then try again.</source>
        <translation>네트워크에 연결한 다음 다시 시도하십시오.</translation>
    </message>
    <message>
        <source>Too many messages have not arrived yet.</source>
        <translation>아직 도착하지 않은 메시지가 너무 많습니다.</translation>
    </message>
    <message>
        <source>Wait until some of them have, then send yours again.</source>
        <translation>일부가 도착할 때까지 기다린 다음 다시 보내십시오.</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Microphone off and on</source>
        <translation>마이크 끄기/켜기</translation>
    </message>
    <message>
        <source>Camera off and on</source>
        <translation>카메라 끄기/켜기</translation>
    </message>
    <message>
        <source>Share your screen, or stop sharing</source>
        <translation>화면 공유 시작/중지</translation>
    </message>
    <message>
        <source>Open or close the chat</source>
        <translation>채팅 열기/닫기</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>전체 화면</translation>
    </message>
    <message>
        <source>Leave full screen, close what is open</source>
        <translation>전체 화면 끝내기, 열린 창 닫기</translation>
    </message>
    <message>
        <source>Next control</source>
        <translation>다음 항목으로 이동</translation>
    </message>
    <message>
        <source>On the small picture: swap with the large one</source>
        <translation>작은 화면에서: 큰 화면과 바꾸기</translation>
    </message>
    <message>
        <source>On the small picture: move it to another corner</source>
        <translation>작은 화면에서: 다른 모서리로 옮기기</translation>
    </message>
    <message>
        <source>This list</source>
        <translation>이 목록</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
</context>
<context>
    <name>Lock</name>
    <message>
        <source>What this means</source>
        <translation>무슨 뜻인지 보기</translation>
    </message>
    <message>
        <source>Verified by link</source>
        <translation>링크로 확인됨</translation>
    </message>
    <message>
        <source>Sound, picture and chat are encrypted between the two computers. The other side has proved that it holds the secret of the CallApp link, which no server and no web page has seen.</source>
        <translation>소리와 화면과 채팅은 두 컴퓨터 사이에서 암호화됩니다. 상대방은 어떤 서버나 웹 페이지도 보지 못한 CallApp 링크의 비밀을 가지고 있음을 증명했습니다.</translation>
    </message>
    <message>
        <source>Did somebody else get the link, too? Read these to each other: if both see the same, nobody is in between.</source>
        <translation>다른 사람도 링크를 받았을지 걱정된다면 아래를 서로 읽어 주십시오. 두 사람에게 똑같이 보이면 중간에 아무도 없습니다.</translation>
    </message>
    <message>
        <source>Encrypted; trusts {host}</source>
        <translation>암호화됨, {host} 신뢰 필요</translation>
    </message>
    <message>
        <source>Sound, picture and chat are encrypted between the two of you. But the link for browsers was used, and the page behind it comes from {host}: whoever runs that server could have changed the page to listen in. Where both use CallApp, that is not possible.</source>
        <translation>소리와 화면과 채팅은 두 사람 사이에서 암호화됩니다. 그러나 브라우저용 링크가 사용되었고 그 페이지는 {host}에서 왔습니다. 그 서버의 운영자는 엿듣도록 페이지를 바꿀 수 있습니다. 두 사람 모두 CallApp을 사용하면 그럴 수 없습니다.</translation>
    </message>
    <message>
        <source>Read these to each other. If both see the same, nobody has come between you on the way, unless the page itself was changed.</source>
        <translation>서로 읽어 주십시오. 페이지 자체가 바뀌지 않았다면, 두 사람에게 똑같이 보일 때 중간에 아무도 없습니다.</translation>
    </message>
    <message>
        <source>Not the same device as before</source>
        <translation>이전과 다른 기기입니다</translation>
    </message>
    <message>
        <source>After the connection was lost, the other side came back with another key. It may be another device, or someone in between.</source>
        <translation>연결이 끊긴 뒤 상대방이 다른 키로 돌아왔습니다. 다른 기기이거나 누군가 중간에 있을 수 있습니다.</translation>
    </message>
    <message>
        <source>Read these to each other again. If they differ, hang up: somebody is in between.</source>
        <translation>아래를 다시 서로 읽어 주십시오. 다르면 누군가 중간에 있는 것이니 통화를 끊으십시오.</translation>
    </message>
    <message>
        <source>Someone may be interfering</source>
        <translation>누군가 방해하고 있을 수 있습니다</translation>
    </message>
    <message>
        <source>A message was changed, repeated or left out on its way through the server. CallApp has dropped what did not come from the other side. Don&apos;t say anything confidential; make a new room on another server.</source>
        <translation>서버를 거치는 메시지가 바뀌거나 반복되거나 빠졌습니다. 상대방이 보내지 않은 것은 CallApp이 버렸습니다. 비밀 이야기를 하지 말고 다른 서버에서 새 방을 만드십시오.</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>서버</translation>
    </message>
    <message>
        <source>As its certificate is unknown to browsers, so could somebody on the way.</source>
        <translation>브라우저가 그 서버의 인증서를 알지 못하므로 중간에 있는 사람도 페이지를 바꿀 수 있습니다.</translation>
    </message>
</context>
<context>
    <name>Menu</name>
    <message>
        <source>Try a call with yourself</source>
        <translation>나와의 통화 시험</translation>
    </message>
    <message>
        <source>New room</source>
        <translation>새 방</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>설정</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>로그 보기</translation>
    </message>
    <message>
        <source>Hide the log</source>
        <translation>로그 숨기기</translation>
    </message>
    <message>
        <source>Leave full screen</source>
        <translation>전체 화면 끝내기</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>전체 화면</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>About</source>
        <translation>정보</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>The other side hung up.</source>
        <translation>상대방이 전화를 끊었습니다.</translation>
    </message>
    <message>
        <source>You are still in the room; they can come back with the same link.</source>
        <translation>아직 방에 들어와 있습니다. 상대방은 같은 링크로 다시 들어올 수 있습니다.</translation>
    </message>
    <message>
        <source>The connection to the other side was lost.</source>
        <translation>상대방과의 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>You are still in the room; the call can start again when they come back.</source>
        <translation>아직 방에 들어와 있습니다. 상대방이 돌아오면 다시 통화할 수 있습니다.</translation>
    </message>
    <message>
        <source>Sorry, this room is full.</source>
        <translation>방이 가득 찼습니다.</translation>
    </message>
    <message>
        <source>Make a new room and send its link.</source>
        <translation>새 방을 만들어 링크를 보내십시오.</translation>
    </message>
    <message>
        <source>You have left the call.</source>
        <translation>통화에서 나왔습니다.</translation>
    </message>
    <message>
        <source>Your camera preview goes on.</source>
        <translation>카메라 미리 보기는 계속됩니다.</translation>
    </message>
    <message>
        <source>The other side is in another call.</source>
        <translation>상대방이 다른 통화 중입니다.</translation>
    </message>
    <message>
        <source>Call again a little later.</source>
        <translation>잠시 후 다시 전화하십시오.</translation>
    </message>
    <message>
        <source>The other side declined the call.</source>
        <translation>상대방이 전화를 거절했습니다.</translation>
    </message>
    <message>
        <source>You can call again when it suits them.</source>
        <translation>나중에 다시 전화할 수 있습니다.</translation>
    </message>
    <message>
        <source>Nobody answered.</source>
        <translation>상대방이 응답하지 않았습니다.</translation>
    </message>
    <message>
        <source>The connection to the server was lost.</source>
        <translation>서버와의 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>CallApp keeps trying. A call that is running goes on.</source>
        <translation>CallApp이 계속 다시 시도합니다. 진행 중인 통화는 유지됩니다.</translation>
    </message>
    <message>
        <source>Your system asks whether CallApp may use the camera and microphone.</source>
        <translation>시스템이 카메라와 마이크 사용 권한을 묻고 있습니다.</translation>
    </message>
    <message>
        <source>Answer its question to go on. It may be behind another window.</source>
        <translation>계속하려면 응답하십시오. 질문이 다른 창 뒤에 있을 수 있습니다.</translation>
    </message>
    <message>
        <source>Someone may be interfering with this call.</source>
        <translation>누군가 이 통화를 방해하고 있을 수 있습니다.</translation>
    </message>
    <message>
        <source>What did not come from the other side was dropped. Make a new room on another server.</source>
        <translation>상대방이 보내지 않은 내용은 버렸습니다. 다른 서버에서 새 방을 만드십시오.</translation>
    </message>
</context>
<context>
    <name>Panel</name>
    <message>
        <source>Log</source>
        <translation>로그</translation>
    </message>
    <message>
        <source>Close the log</source>
        <translation>로그 닫기</translation>
    </message>
    <message>
        <source>Copy all</source>
        <translation>모두 복사</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>You hung up.</source>
        <translation>전화를 끊었습니다.</translation>
    </message>
    <message>
        <source>The other side hung up.</source>
        <translation>상대방이 전화를 끊었습니다.</translation>
    </message>
    <message>
        <source>The connection to the other side was lost.</source>
        <translation>상대방과의 연결이 끊어졌습니다.</translation>
    </message>
    <message>
        <source>The other side declined the call.</source>
        <translation>상대방이 전화를 거절했습니다.</translation>
    </message>
    <message>
        <source>The other side is in another call.</source>
        <translation>상대방이 다른 통화 중입니다.</translation>
    </message>
    <message>
        <source>The room is full.</source>
        <translation>방이 가득 찼습니다.</translation>
    </message>
    <message>
        <source>The server refused the connection.</source>
        <translation>서버가 연결을 거부했습니다.</translation>
    </message>
    <message>
        <source>Nobody answered.</source>
        <translation>상대방이 응답하지 않았습니다.</translation>
    </message>
    <message>
        <source>Something went wrong.</source>
        <translation>문제가 발생했습니다.</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Camera</source>
        <translation>카메라</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>내 이름</translation>
    </message>
    <message>
        <source>The other side sees your name during a call.</source>
        <translation>통화 중에 상대방에게 이름이 표시됩니다.</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>소리</translation>
    </message>
    <message>
        <source>Appearance and language</source>
        <translation>화면 모드와 언어</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>화면 모드</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>언어</translation>
    </message>
    <message>
        <source>About</source>
        <translation>정보</translation>
    </message>
    <message>
        <source>A private video call: no account, no cloud, no plug-in.</source>
        <translation>계정도, 클라우드도, 플러그인도 필요 없는 영상 통화입니다.</translation>
    </message>
    <message>
        <source>The source code is under the MIT licence. It builds on Qt, aiortc, FFmpeg (PyAV), miniaudio and other free software.</source>
        <translation>소스 코드는 MIT 라이선스로 제공됩니다. Qt, aiortc, FFmpeg(PyAV), miniaudio 등의 자유 소프트웨어로 만들어졌습니다.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>설정</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Press Start to see yourself here</source>
        <translation>시작을 누르면 내 모습이 여기에 보입니다</translation>
    </message>
    <message>
        <source>Preview of your camera</source>
        <translation>카메라 미리 보기</translation>
    </message>
    <message>
        <source>How others see you</source>
        <translation>상대방에게 보이는 이름</translation>
    </message>
    <message>
        <source>Play sounds when someone joins or leaves</source>
        <translation>상대방이 들어오거나 나갈 때 소리로 알림</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>시스템 설정 따르기</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>밝게</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>어둡게</translation>
    </message>
</context>
<context>
    <name>Share</name>
    <message>
        <source>Share your screen</source>
        <translation>화면 공유</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>화면 목록</translation>
    </message>
    <message>
        <source>Which screen do you want to share?</source>
        <translation>어느 화면을 공유하시겠습니까?</translation>
    </message>
    <message>
        <source>The other side sees everything on it until you stop.</source>
        <translation>공유를 중지할 때까지 화면의 모든 내용이 상대방에게 보입니다.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>공유</translation>
    </message>
</context>
<context>
    <name>Stage</name>
    <message>
        <source>Your camera is off</source>
        <translation>카메라가 꺼져 있습니다</translation>
    </message>
    <message>
        <source>Starting the camera…</source>
        <translation>카메라를 켜는 중…</translation>
    </message>
    <message>
        <source>Camera off</source>
        <translation>카메라 꺼짐</translation>
    </message>
    <message>
        <source>The shared screen is coming…</source>
        <translation>공유 화면을 불러오는 중…</translation>
    </message>
    <message>
        <source>Your own picture</source>
        <translation>내 화면</translation>
    </message>
    <message>
        <source>The other person&apos;s picture</source>
        <translation>상대방 화면</translation>
    </message>
    <message>
        <source>The other person&apos;s screen</source>
        <translation>상대방이 공유한 화면</translation>
    </message>
    <message>
        <source>The other side is muted</source>
        <translation>상대방이 음소거 중입니다</translation>
    </message>
    <message>
        <source>You are sharing your screen</source>
        <translation>화면을 공유하고 있습니다</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>{name} is muted</source>
        <translation>{name} 님이 음소거 중입니다</translation>
    </message>
</context>
<context>
    <name>States</name>
    <message>
        <source>Ready</source>
        <translation>준비됨</translation>
    </message>
    <message>
        <source>Calling…</source>
        <translation>전화 거는 중…</translation>
    </message>
    <message>
        <source>Ringing…</source>
        <translation>전화 오는 중…</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>연결 중…</translation>
    </message>
    <message>
        <source>In call {time}</source>
        <translation>통화 중 {time}</translation>
    </message>
    <message>
        <source>Reconnecting…</source>
        <translation>다시 연결 중…</translation>
    </message>
    <message>
        <source>Call ended</source>
        <translation>통화가 종료되었습니다</translation>
    </message>
    <message>
        <source>The room is full</source>
        <translation>방이 가득 찼습니다</translation>
    </message>
    <message>
        <source>Waiting for someone to join</source>
        <translation>상대방을 기다리는 중</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>시작하는 중…</translation>
    </message>
    <message>
        <source>Joining the room…</source>
        <translation>방에 들어가는 중…</translation>
    </message>
    <message>
        <source>Ready to join</source>
        <translation>참여 준비 완료</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Log copied</source>
        <translation>로그를 복사했습니다</translation>
    </message>
    <message>
        <source>Invite link copied</source>
        <translation>초대 링크를 복사했습니다</translation>
    </message>
    <message>
        <source>{name} joined</source>
        <translation>{name} 님이 참여했습니다</translation>
    </message>
    <message>
        <source>Someone joined</source>
        <translation>상대방이 참여했습니다</translation>
    </message>
    <message>
        <source>New message from {name}</source>
        <translation>{name} 님의 새 메시지</translation>
    </message>
    <message>
        <source>New message</source>
        <translation>새 메시지가 왔습니다</translation>
    </message>
</context>
</TS>
