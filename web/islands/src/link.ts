// The way to the server: one socket, the streams that are followed over it, and what is said about it in words.
import { io, type Socket } from "socket.io-client";
import { device, formToken } from "./device.js";
import { Feed, type Backlog } from "./feed.js";
import type { State, StreamEvent } from "./store.js";

export { device, formToken };

/** "out": the server is there, and does not let this page's staff in any more. */
export type LinkState = "connecting" | "connected" | "catching" | "polling" | "lost" | "out";
export interface Failure { code: string; message: string; article?: string; retry_after?: number }
export type Answer<T> = { ok: true; result: T } | { ok: false; error: Failure };

const ACK_MS = 10_000;
/** Without a websocket: between two looks at the backlog; the rest is chance, so that thousands do not look at once. */
const POLL_MS = 3_000;
const POLL_CHANCE_MS = 2_000;
/** How many times the socket may fail before the backlog is read instead; once where it never worked at all. */
const FAILURES = 2;
/** Between two attempts at a socket, at the most: while nothing works, and while the backlog does. */
const RETRY_MS = 8_000;
const RETRY_POLLING_MS = 30_000;
/** A line can be dead for 45 s before the socket's own pings notice; somebody who looks at the page should not wait. */
const ALIVE_MS = 5_000;

/** No acknowledgement came: whether the server did it is not known. */
export const UNKNOWN: Failure = { code: "ack.missing", message: "没有等到回音，不知道送到没有。" };
export const OFFLINE: Failure = { code: "offline", message: "断线了，这一步还没有送到。连上以后请再按一次。" };

export class Link {
  state: LinkState = "connecting";
  viewers: number | null = null;
  /** How far this device's clock is behind the server's. */
  private behind = 0;
  private readonly feeds = new Map<string, Feed>();
  private readonly socket: Socket;
  private failures = 0;
  private everConnected = false;
  /** The tag of each stream's last answer over HTTP: that there is nothing new then fits in a line. */
  private readonly tags: Record<string, { path: string; tag: string | null }> = {};
  /** While the socket is closed on purpose, to come back as somebody else, nothing is lost. */
  private renewing = false;
  private poll: ReturnType<typeof setTimeout> | null = null;
  private polling = false;
  private out = false;

  constructor(private readonly told: () => void, private readonly notice: (text: string, code: string) => void = () => {}) {
    this.socket = io("/live", {
      path: "/socket.io/",
      transports: ["websocket"],
      reconnectionDelay: 800,
      reconnectionDelayMax: RETRY_MS,
      randomizationFactor: 0.5,
      timeout: RETRY_MS,
      autoConnect: false,
    });
    this.socket.on("connect", () => void this.connected());
    this.socket.on("disconnect", (why) => {
      this.failed();
      if (why === "io server disconnect") this.retryLater();
    });
    this.socket.on("connect_error", () => {
      this.failed();
      if (!this.socket.active) this.retryLater();
    });
    this.socket.on("event", (event: StreamEvent) => this.feeds.get(event.stream)?.hear(event));
    this.socket.on("presence", ({ count }: { count: number }) => {
      this.viewers = count;
      this.told();
    });
    this.socket.on("notice", ({ code, message }: { code: string; message: string }) => this.notice(message, code));
    addEventListener("offline", () => this.cut());
    addEventListener("online", () => this.check());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.check());
  }

  /** The server's time, by which the clock of the interview goes. */
  now(): number {
    return Date.now() + this.behind;
  }

  start(): void {
    this.socket.connect();
  }

  /** Follow a stream from now on. */
  follow<S extends State>(stream: string, changed: (feed: Feed<S>, events: StreamEvent[], fresh: boolean) => void): Feed<S> {
    const feed = new Feed<S>(stream, (name, after) => this.backlog(name, after), changed);
    this.feeds.set(stream, feed as unknown as Feed);
    if (this.socket.connected) void this.watch(feed as unknown as Feed).catch(() => this.failed());
    return feed;
  }

  /** A command, over the socket or, where there is none, over HTTP. Never repeated by itself. */
  async send<T = Record<string, unknown>>(name: string, payload: object): Promise<Answer<T>> {
    if (this.socket.connected) {
      try {
        return (await this.socket.timeout(ACK_MS).emitWithAck(name, payload)) as Answer<T>;
      } catch {
        return { ok: false, error: UNKNOWN };
      }
    }
    if (this.state !== "polling") return { ok: false, error: OFFLINE };
    try {
      const response = await fetch(`/api/commands/${name}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": formToken() },
        body: JSON.stringify(payload),
      });
      const answer = (await response.json()) as Answer<T> | { error: Failure };
      return "ok" in answer ? answer : { ok: false, error: answer.error };
    } catch {
      return { ok: false, error: UNKNOWN };
    }
  }

  /** Connect again as whoever the cookie now names. */
  again(): Promise<void> {
    if (!this.socket.connected) return Promise.resolve();
    return new Promise((resolve) => {
      this.renewing = true;
      const over = (): void => {
        this.renewing = false;
        this.socket.off("connect", over).off("connect_error", over);
        resolve();
      };
      this.socket.on("connect", over).on("connect_error", over);
      this.socket.disconnect().connect();
    });
  }

  private async connected(): Promise<void> {
    this.failures = 0;
    this.everConnected = true;
    this.stopPolling();
    if (this.state === "lost" || this.state === "polling") this.set("catching");
    this.out = false;
    try {
      for (const feed of this.feeds.values()) await this.watch(feed);
      this.set(this.out ? "out" : "connected");
      await this.ask();
    } catch {
      this.cut();
    }
  }

  /** Ask the server for its time: the clock of the interview goes by it, not by this device's. */
  private async ask(patience = ACK_MS): Promise<void> {
    const asked = Date.now();
    const told = (await this.socket.timeout(patience).emitWithAck("ping", {})) as Answer<{ now: string }>;
    if (told.ok) this.behind = Date.parse(told.result.now) - (asked + Date.now()) / 2;
    this.told();
  }

  /** Somebody looks at the page again, or the device has a network again: is the line alive? */
  private check(): void {
    // They may have signed in again in another window.
    if (this.out && this.socket.connected) void this.again();
    else if (this.socket.connected) this.ask(ALIVE_MS).catch(() => this.cut());
    // Closed first: otherwise the library waits out its own back-off.
    else if (this.everConnected || this.polling) this.socket.disconnect().connect();
  }

  /** The line is dead, whatever the socket believes. */
  private cut(): void {
    if (!this.socket.connected) return;
    this.socket.disconnect();
    this.retryLater();
  }

  private async watch(feed: Feed): Promise<void> {
    const wanted = feed.after === null ? { stream: feed.stream } : { stream: feed.stream, after: feed.after };
    const answer = (await this.socket.timeout(ACK_MS).emitWithAck("watch", wanted)) as Answer<Backlog>;
    // A refused stream (one's own before one has an identity) is no fault of the connection.
    if (answer.ok) feed.take(answer.result);
    else this.out ||= isForStaff(feed.stream);
  }

  private failed(): void {
    if (this.renewing) return;
    this.failures += 1;
    // A first attempt that fails is no lost line yet: where no websocket gets through, the backlog does.
    if (this.state !== "polling" && (this.everConnected || this.polling)) this.set("lost");
    if (this.polling || this.failures < (this.everConnected ? FAILURES : 1)) return;
    this.polling = true;
    this.lookLater(this.everConnected ? POLL_CHANCE_MS * Math.random() : 0);
  }

  /** The library stops after a refusal by the server; people should not have to reload. */
  private retryLater(): void {
    setTimeout(() => this.socket.connect(), 2_000 + Math.random() * 4_000);
  }

  private lookLater(wait: number): void {
    this.poll = setTimeout(() => void this.look(), wait);
  }

  private async look(): Promise<void> {
    let state: LinkState = "polling";
    this.out = false;
    try {
      for (const feed of this.feeds.values()) await feed.mend();
      if (this.out) state = "out";
    } catch {
      state = "lost";
    }
    if (!this.polling) return;
    this.socket.io.reconnectionDelayMax(state !== "lost" ? RETRY_POLLING_MS : RETRY_MS);
    this.set(state);
    this.lookLater(POLL_MS + POLL_CHANCE_MS * Math.random());
  }

  private async backlog(stream: string, after: number | null): Promise<Backlog> {
    const path = `/api/streams/${stream}${after === null ? "" : `?after=${after}`}`;
    // A whole state is never asked for by its tag: whoever wants it has lost the one it had.
    const tag = after !== null && this.tags[stream]?.path === path ? this.tags[stream]!.tag : null;
    const response = await fetch(path, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
    const told = Date.parse(response.headers.get("Date") ?? "");
    if (told) this.behind = told - Date.now();
    if (response.status === 304) return { head: after ?? 0 };
    this.tags[stream] = { path, tag: response.headers.get("ETag") };
    if (response.status === 401 || response.status === 404) {
      this.out ||= isForStaff(stream);
      return { head: after ?? 0 };
    }
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()) as Backlog;
  }

  private stopPolling(): void {
    if (this.poll) clearTimeout(this.poll);
    this.poll = null;
    this.polling = false;
    this.socket.io.reconnectionDelayMax(RETRY_MS);
  }

  private set(state: LinkState): void {
    this.state = state;
    this.told();
  }
}

function isForStaff(stream: string): boolean {
  return stream.endsWith(":staff");
}
