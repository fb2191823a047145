// The way to the server: one socket, the streams that are followed over it, and what is said about it in words.
import { io, type Socket } from "socket.io-client";
import { Feed, type Backlog } from "./feed.js";
import type { State, StreamEvent } from "./store.js";

export type LinkState = "connecting" | "connected" | "catching" | "polling" | "lost";
export interface Failure { code: string; message: string; article?: string; retry_after?: number }
export type Answer<T> = { ok: true; result: T } | { ok: false; error: Failure };

const ACK_MS = 10_000;
const POLL_MS = 3_000;
/** How many times the socket may fail before the backlog is read instead. */
const FAILURES = 2;

/** No acknowledgement came: whether the server did it is not known. */
export const UNKNOWN: Failure = { code: "ack.missing", message: "没有等到回音，不知道送到没有。" };
export const OFFLINE: Failure = { code: "offline", message: "和服务器断开了，这一步还没有送到。连上以后请再按一次。" };

export class Link {
  state: LinkState = "connecting";
  viewers: number | null = null;
  /** How far this device's clock is behind the server's. */
  private behind = 0;
  private readonly feeds = new Map<string, Feed>();
  private readonly socket: Socket;
  private failures = 0;
  /** While the socket is closed on purpose, to come back as somebody else, nothing is lost. */
  private renewing = false;
  private poll: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly told: () => void, private readonly notice: (text: string) => void = () => {}) {
    this.socket = io("/live", {
      path: "/socket.io/",
      transports: ["websocket"],
      reconnectionDelay: 800,
      reconnectionDelayMax: 8_000,
      randomizationFactor: 0.5,
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
    this.socket.on("notice", ({ message }: { message: string }) => this.notice(message));
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
      this.socket.once("connect", () => {
        this.renewing = false;
        resolve();
      });
      this.socket.disconnect().connect();
    });
  }

  private async connected(): Promise<void> {
    this.failures = 0;
    this.stopPolling();
    if (this.state === "lost" || this.state === "polling") this.set("catching");
    try {
      for (const feed of this.feeds.values()) await this.watch(feed);
      this.set("connected");
      const told = await this.send<{ now: string }>("ping", {});
      if (told.ok) this.behind = Date.parse(told.result.now) - Date.now();
      this.told();
    } catch {
      this.failed();
      this.socket.disconnect();
      this.retryLater();
    }
  }

  private async watch(feed: Feed): Promise<void> {
    const wanted = feed.after === null ? { stream: feed.stream } : { stream: feed.stream, after: feed.after };
    const answer = (await this.socket.timeout(ACK_MS).emitWithAck("watch", wanted)) as Answer<Backlog>;
    // A refused stream (one's own before one has an identity) is no fault of the connection.
    if (answer.ok) feed.take(answer.result);
  }

  private failed(): void {
    if (this.renewing) return;
    this.failures += 1;
    if (this.state !== "polling") this.set("lost");
    if (this.failures >= FAILURES && !this.poll) {
      this.poll = setInterval(() => void this.look(), POLL_MS);
      void this.look();
    }
  }

  /** The library stops after a refusal by the server; people should not have to reload. */
  private retryLater(): void {
    setTimeout(() => this.socket.connect(), 2_000 + Math.random() * 4_000);
  }

  private async look(): Promise<void> {
    try {
      for (const feed of this.feeds.values()) await feed.mend();
      if (this.poll) this.set("polling");
    } catch {
      if (this.poll) this.set("lost");
    }
  }

  private async backlog(stream: string, after: number | null): Promise<Backlog> {
    const query = after === null ? "" : `?after=${after}`;
    const response = await fetch(`/api/streams/${stream}${query}`);
    const told = Date.parse(response.headers.get("Date") ?? "");
    if (told) this.behind = told - Date.now();
    if (response.status === 401 || response.status === 404) return { head: after ?? 0 };
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()) as Backlog;
  }

  private stopPolling(): void {
    if (this.poll) clearInterval(this.poll);
    this.poll = null;
  }

  private set(state: LinkState): void {
    this.state = state;
    this.told();
  }
}


export function formToken(): string {
  return document.querySelector<HTMLInputElement>('input[name="csrf"]')?.value ?? "";
}

/** What is kept on this device, where the browser lets us. */
export const device = {
  read<T>(key: string): T | null {
    try {
      return JSON.parse(localStorage.getItem(`fangtan.${key}`) ?? "null") as T | null;
    } catch {
      return null;
    }
  },
  write(key: string, value: unknown): void {
    try {
      if (value === null) localStorage.removeItem(`fangtan.${key}`);
      else localStorage.setItem(`fangtan.${key}`, JSON.stringify(value));
    } catch {
      // A full or forbidden store only means that a reload forgets.
    }
  },
};
