// The sockets: who may connect, what they may ask, and what they are sent.
import { Server } from 'socket.io';
import * as checks from './checks.js';
import { Positions } from './positions.js';
import { Presence } from './presence.js';
import { sessionCookie } from './tokens.js';

/** How often is looked for sockets that do not acknowledge, in milliseconds. */
const PATIENCE = 60_000;
/** PacketType.EVENT of socket.io-parser. */
const EVENT = 2;

const { Refusal } = checks;
const personRoom = (id) => `person:${id}`;
const conversationRoom = (id) => `conversation:${id}`;

/** A page of another origin may not open a socket. Programs send no Origin. */
const allowRequest = ({ headers: { origin, host } }, callback) => {
  callback(null, origin === undefined || origin.replace(/^https?:\/\//, '') === host);
};

export const serveChat = (server, store, tokens) => {
  const io = new Server(server, {
    pingInterval: 25_000,
    pingTimeout: 20_000,
    maxHttpBufferSize: 1_000_000,
    serveClient: false,
    allowRequest,
  });
  const chat = io.of('/chat');

  const positions = new Positions(store, {
    receipt: ({ conversation }, receipt) => chat.to(conversationRoom(conversation)).emit('receipt', receipt),
    ownReceipt: ({ person }, receipt) => chat.to(personRoom(person.id)).emit('receipt', receipt),
    caughtUp: ({ person }, sender, message) => {
      const status = { response: message, upToSeq: message.seq, receiver: person.username };
      chat.to(personRoom(sender)).emit('updateDeliveryStatusOnConnection', status);
    },
  });

  const presence = new Presence(({ id, username }, online) => {
    chat.except(personRoom(id)).emit('onlineStatus', { username, online });
  });

  /** Sends a message to every socket of every member, and notes who acknowledges it. */
  const deliver = ({ conversation, seq, message }) => {
    // `chat.to(room).timeout(…).emit(…, callback)` would do this, but call back only once all have answered or a minute
    // is over, and say what they answered but not who did. This is what it calls: one packet, encoded once for all.
    const packet = { type: EVENT, data: ['response', { response: message }] };
    const receivers = { rooms: new Set([conversationRoom(conversation)]), except: new Set(), flags: {} };
    const acknowledged = function (answer) {
      // Called by the socket that has answered.
      if (answer?.success) positions.acknowledged(this.data.person, conversation, seq);
    };
    chat.adapter.broadcastWithAck(packet, receivers, () => {}, acknowledged);
  };

  /** Sends a socket whatever its person has not acknowledged, oldest first. */
  const replay = (socket) => {
    const { person } = socket.data;
    for (const message of store.missedBy(person.id)) {
      socket.emit('response', { response: message }, (answer) => {
        if (answer?.success) positions.acknowledged(person, Number(message.conversationId), message.seq, true);
      });
    }
  };

  /** Answers the sender of a message, and sends it if it is a new one. */
  const sent = (acknowledge) => (error, result) => {
    acknowledge(error ?? result.refusal, result?.message);
    if (result?.message === undefined || result.isKnown) return;
    if (result.began) chat.in(result.began.map(personRoom)).socketsJoin(conversationRoom(result.conversation));
    deliver(result);
  };

  // Each checks its payload, and says by `acknowledge(refusal, response)` what came of it.
  const events = {
    privateMessage: (person, payload, acknowledge) => {
      const clientId = checks.clientId(payload.clientId);
      const text = checks.messageText(payload.text);
      const name = checks.username(payload.receiver);
      const receiver = name && store.account(name);
      if (!receiver) throw new Refusal('unknown-receiver', 'There is nobody with this name to write to.');
      if (receiver.id === person.id) {
        throw new Refusal('receiver-is-sender', 'A private message goes to somebody else, not to yourself.');
      }
      store.sendPrivate(person, receiver, clientId, text, sent(acknowledge));
    },

    groupMessage: (person, payload, acknowledge) => {
      const clientId = checks.clientId(payload.clientId);
      const text = checks.messageText(payload.text);
      store.sendToGroup(person, checks.conversationId(payload.groupId), clientId, text, sent(acknowledge));
    },

    createGroup: (person, payload, acknowledge) => {
      const name = checks.groupName(payload.name);
      const clientId = checks.clientId(payload.clientId);
      const members = checks.groupMembers(payload.members, person.username);
      store.createGroup(person, name, members, clientId, (error, result) => {
        acknowledge(error ?? result.refusal, result?.conversation);
        if (result?.conversation === undefined || result.isKnown) return;
        const { conversation } = result;
        const room = conversationRoom(conversation.id);
        chat.in(result.members.map(personRoom)).socketsJoin(room);
        chat.to(room).emit('newgrp', { response: conversation.name, conversation });
      });
    },

    markRead: (person, payload, acknowledge) => {
      const conversation = checks.conversationId(payload.conversationId);
      const seq = checks.seq(payload.seq);
      const position = positions.of(person, conversation);
      if (position === undefined) throw checks.unknownConversation();
      store.markRead(conversation, person.id, seq, (error, result) => {
        const refusal = error ?? result.refusal;
        acknowledge(refusal, refusal ? undefined : positions.read(position, seq));
      });
    },
  };

  /** Carries out an event and answers it, never with silence. */
  const carryOut = (socket, event, args) => {
    const callback = typeof args.at(-1) === 'function' ? args.pop() : () => {};
    const acknowledge = (refusal, response) => {
      if (!refusal) return callback({ success: true, response });
      const isFault = !(refusal instanceof Refusal);
      if (isFault) console.error(refusal);
      const { code, message } = isFault ? new Refusal('internal', 'Something went wrong. Try again.') : refusal;
      callback({ success: false, error: { code, message } });
    };
    try {
      if (!Object.hasOwn(events, event)) throw new Refusal('unknown-event', 'There is no such event.');
      if (typeof args[0] !== 'object' || args[0] === null) throw checks.invalidPayload();
      events[event](socket.data.person, args[0], acknowledge);
    } catch (error) {
      acknowledge(error);
    }
  };

  // The first token that is there decides.
  const accountOf = ({ auth, query, headers }) => {
    if (auth.token !== undefined && auth.token !== null) return tokens.ofSocket(auth.token);
    if (query.token !== undefined) return tokens.ofSocket(query.token);
    const isOwnPage = headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin';
    return tokens.ofSession(isOwnPage ? sessionCookie(headers.cookie) : undefined);
  };

  chat.use((socket, next) => {
    try {
      socket.data.account = store.account(accountOf(socket.handshake));
      next(socket.data.account ? undefined : new Error('unauthorized'));
    } catch (error) {
      next(new Error(error.name === 'TokenExpiredError' ? 'token-expired' : 'unauthorized'));
    }
  });

  chat.on('connection', (socket) => {
    const { account } = socket.data;
    socket.join([personRoom(account.id), ...store.conversationIdsOf(account.id).map(conversationRoom)]);
    const person = presence.arrived(account);
    socket.data = { person };
    // The request that opened the connection is not needed any more: socket.io's advice where there are many sockets.
    socket.conn.request = null;
    socket.on('disconnect', () => presence.left(person));
    socket.onAny((event, ...args) => carryOut(socket, event, args));
    // In the same turn as the joining, so that nothing comes twice, out of order or not at all.
    replay(socket);
  });

  // A socket that has left the same message unacknowledged since the last look is sent again what its person lacks.
  const looking = setInterval(() => {
    for (const socket of chat.sockets.values()) {
      const [oldest] = socket.acks.keys();
      const isStuck = oldest !== undefined && oldest === socket.data.oldest;
      if (isStuck) {
        socket.acks.clear();
        replay(socket);
      }
      socket.data.oldest = isStuck ? undefined : oldest;
    }
  }, PATIENCE);

  return {
    close: async () => {
      clearInterval(looking);
      positions.flush();
      await io.close();
    },
  };
};
