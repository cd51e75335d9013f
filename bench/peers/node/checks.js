// What clients send, checked. Each check returns what it accepts, and throws a Refusal otherwise.
import { randomUUID } from 'node:crypto';

const MAX_TEXT = 20_000;
const MAX_NAME = 80;
export const MAX_MEMBERS = 10_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export const invalidPayload = () =>
  new Refusal('invalid-payload', 'The payload has not the shape that it should have.');
export const unknownConversation = () =>
  new Refusal('unknown-conversation', 'There is no such conversation, or you are not a member of it.');
export const unknownMember = () => new Refusal('unknown-member', 'One of the members is not known here.');
const tooManyMembers = () => new Refusal('too-many-members', 'A group has at most 10,000 members.');

// The limits count Unicode scalar values. There are never more of them than UTF-16 units, so most need no counting.
const isLonger = (text, limit) => text.length > limit && [...text].length > limit;

export const string = (value) => {
  if (typeof value !== 'string') throw invalidPayload();
  return value;
};

/** A message's text, kept exactly as it was written. */
export const messageText = (value) => {
  const text = string(value);
  if (!/\P{White_Space}/u.test(text)) throw new Refusal('text-empty', 'A message needs some text.');
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new Refusal('text-invalid', 'A message cannot contain such a character.');
  }
  if (isLonger(text, MAX_TEXT)) throw new Refusal('text-too-long', 'A message has at most 20,000 characters.');
  return text;
};

/** A client's id, and one of ours for a client that sends none: nobody can have sent that before. */
export const clientId = (value) => {
  if (value === undefined || value === null) return { id: randomUUID(), isNew: true };
  const id = string(value).toLowerCase();
  if (!UUID.test(id)) throw new Refusal('invalid-client-id', 'clientId is a UUID.');
  return { id, isNew: false };
};

/** A name as a person types it; undefined if nobody can be called so. */
export const username = (value) => {
  const name = string(value).trim();
  return /^[a-z0-9][a-z0-9._-]{0,31}$/i.test(name) ? name.toLowerCase() : undefined;
};

/** The number that an id stands for. One that is none belongs to no conversation. */
export const conversationId = (value) => {
  if (!/^[1-9]\d{0,14}$/.test(string(value))) throw unknownConversation();
  return Number(value);
};

export const groupName = (value) => {
  const name = string(value).trim();
  if (name === '') throw new Refusal('name-empty', 'A group needs a name.');
  if (/\p{Cc}/u.test(name) || !name.isWellFormed() || isLonger(name, MAX_NAME)) {
    throw new Refusal('name-invalid', "A group's name has at most 80 characters, on one line.");
  }
  return name;
};

/** The usernames of a group's members, each once, its maker among them. */
export const groupMembers = (value, maker) => {
  if (!Array.isArray(value)) throw invalidPayload();
  const names = new Set([maker]);
  for (const each of value) {
    const name = username(each);
    if (name === undefined) throw unknownMember();
    names.add(name);
  }
  if (names.size > MAX_MEMBERS) throw tooManyMembers();
  return [...names];
};

export const seq = (value) => {
  if (!Number.isSafeInteger(value) || value < 0) throw invalidPayload();
  return value;
};
