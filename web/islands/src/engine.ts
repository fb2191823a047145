// The only transport the server offers. vite.config.ts puts this in place of engine.io-client's list of four,
// long-polling and WebTransport among them, which nobody here could use.
import { WS } from "../node_modules/engine.io-client/build/esm/transports/websocket.js";

export const transports = { websocket: WS };
