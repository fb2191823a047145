// Whether the room already shows what an act was for: then there is nothing left to send, whoever did it.
import type { QuestionStatus, Room } from "./store.js";

export interface Act { command: string; fields: Record<string, unknown> }

const BECOMES: Record<string, QuestionStatus> = {
  "question.publish": "published",
  "question.decline": "declined",
  "question.merge": "merged",
  "question.transfer": "transferred",
  "question.stage": "staged",
};

/** The stream can be ahead of the answer, and a line that is cut between the two loses only the answer. */
export function carriedOut({ command, fields }: Act, room: Pick<Room, "questions" | "order"> | null): boolean {
  if (!room) return false;
  if (command === "question.order") return JSON.stringify(room.order ?? []) === JSON.stringify(fields["questions"]);
  // Published by somebody else, it does not have the words that were written here.
  const becomes = "text" in fields ? undefined : BECOMES[command];
  return becomes !== undefined && room.questions[String(fields["question"])]?.status === becomes;
}
