// What is kept on this device, and the token of this page's forms; without anything else, so that every island can use it.

/** The token by which the server knows that a form is this page's own. */
export function formToken(): string {
  return document.querySelector<HTMLInputElement>('input[name="csrf"]')?.value ?? "";
}

const STORE = "fangtan.";

/** What is kept on this device, where the browser lets us. */
export const device = {
  read<T>(key: string): T | null {
    try {
      return JSON.parse(localStorage.getItem(STORE + key) ?? "null") as T | null;
    } catch {
      return null;
    }
  },
  /** Keep something, or with `null` forget it; whether that was possible: a store may be full or forbidden. */
  write(key: string, value: unknown): boolean {
    try {
      if (value === null) localStorage.removeItem(STORE + key);
      else localStorage.setItem(STORE + key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  /** Every key that begins so. */
  keys(start: string): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(STORE + start)).map((key) => key.slice(STORE.length));
    } catch {
      return [];
    }
  },
};

/** The same for as long as this tab is open, over its pages. */
export const tab = {
  read(key: string): string | null {
    try {
      return sessionStorage.getItem(STORE + key);
    } catch {
      return null;
    }
  },
  write(key: string, value: string | null): void {
    try {
      if (value === null) sessionStorage.removeItem(STORE + key);
      else sessionStorage.setItem(STORE + key, value);
    } catch {
      // Then every page begins anew.
    }
  },
};
