// In place of socket.io-parser's binary.js: the server refuses binary packets, so none is ever taken apart or joined.
export function deconstructPacket(): never {
  throw new Error("binary packets are refused");
}
export const reconstructPacket = deconstructPacket;
