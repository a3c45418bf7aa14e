// PeerJS's own server, unchanged but for its limit of connections. Usage: node peerjs.js PORT
const { PeerServer } = require("peer");

const settings = { port: Number(process.argv[2]), path: "/", concurrent_limit: 100000, alive_timeout: 600000 };
PeerServer(settings, () => console.log("ready"));
