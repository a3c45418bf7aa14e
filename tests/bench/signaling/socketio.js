// Rooms of two over socket.io, as its tutorials for WebRTC have them. Usage: node socketio.js PORT
const { Server } = require("socket.io");

const io = new Server(Number(process.argv[2]), { cors: { origin: "*" } });
io.on("connection", (socket) => {
  let room;
  socket.on("join", (name) => {
    room = name;
    socket.join(room);
    socket.to(room).emit("ready", socket.id);
  });
  socket.on("send", (message) => socket.to(room).emit("message", message));
  socket.on("disconnect", () => room && io.to(room).emit("leave", socket.id));
});
console.log("ready");
